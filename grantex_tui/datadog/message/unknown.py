"""What a template asks for that its monitor can't give; read by ``check``, never by rendering."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from grantex_tui.datadog.message.arithmetic import split_path
from grantex_tui.datadog.message.context import CONDITIONS
from grantex_tui.datadog.message.parse import HELPERS, parse_template
from grantex_tui.datadog.message.tree import (
    Call,
    Expression,
    Literal,
    Node,
    Path,
    Section,
    Text,
    expressions,
    sections,
)
from grantex_tui.datadog.message.variables import BUILT_IN, INSTANTS, RESERVED


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.monitor.model import Query


_MATCHERS = ("is_match", "is_exact_match", "is_priority")
BLOCKS = (*CONDITIONS, *_MATCHERS)
_HOST = (
    "ip",
    "metadata_agent_version",
    "metadata_machine",
    "metadata_platform",
    "metadata_processor",
)


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name in a template that stays empty, why, and what to write instead (maybe nothing)."""

    name: str
    position: int
    reason: str
    fix: str = ""


def unknown_variables(template: str, query: Query) -> list[UnknownName]:
    """The variables and helpers that a monitor with this query renders empty.

    Raises:
        MessageError: The template can't be read.
    """
    nodes = parse_template(template).nodes
    found = [*(u for e in expressions(nodes) for u in _of_expression(e, query))]
    found += [u for section in sections(nodes) for u in _of_matcher(section, query)]
    return list({(unknown.name, unknown.reason): unknown for unknown in found}.values())


def _of_expression(expression: Expression, query: Query) -> Iterator[UnknownName]:
    match expression:
        case Path(parts=parts, position=position):
            yield from _of_parts(parts, position, query)
        case Call(name="eval", arithmetic=arithmetic) if arithmetic is not None:
            for parts in arithmetic.paths:
                yield from _of_parts(parts, expression.position, query)
        case Call(name="local_time", arguments=(Literal(text=name), *_)):
            if name not in INSTANTS:
                known = ", ".join(INSTANTS)
                reason = "is no time"
                yield UnknownName(name, expression.position, reason, f"known times: {known}")
        case Call(name=name, position=position) if name not in HELPERS:
            close = get_close_matches(name, HELPERS, 1)
            fix = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(HELPERS)}"
            yield UnknownName(name, position, "is no helper of Datadog's", fix)
        case _:
            return


def _of_matcher(section: Section, query: Query) -> Iterator[UnknownName]:
    """The variable that an ``is_match`` compares, with or without its ``.name``."""
    if section.name not in ("is_match", "is_exact_match") or not section.arguments:
        return
    first = section.arguments[0]
    if not isinstance(first, Literal):
        return
    parts = split_path(first.text)
    bare = first.text.removesuffix(".name")
    if bare not in query.group_by and bare.strip("[]") not in query.group_by:
        yield from _of_parts(parts, first.position, query)


def _of_parts(parts: tuple[str, ...], position: int, query: Query) -> Iterator[UnknownName]:
    name = Path(parts, position).text
    metric_only = not query.log_queries
    if not parts or (name in BUILT_IN and not (metric_only and parts[0] == "log")):
        return
    if parts[0] == "log":
        yield from _of_log(parts, name, position, query)
        return
    groups = query.group_by
    if len(parts) == 2 and parts[0] in groups and parts[1] == "name":
        return
    if parts[0] == "host" and "host" in groups and parts[1:2] and parts[1] in _HOST:
        return
    yield UnknownName(name, position, *_why(parts, name, groups))


def _of_log(
    parts: tuple[str, ...], name: str, position: int, query: Query
) -> Iterator[UnknownName]:
    if not query.log_queries:
        reason = "needs a log, and this is a metric monitor"
        yield UnknownName(name, position, reason, "use the tags that the query groups by")
    elif parts[1:2] not in (("attributes",), ("tags",)) and ".".join(parts[1:]) not in RESERVED:
        close = get_close_matches(".".join(parts[1:]), RESERVED, 1)
        fix = (
            f"did you mean {{{{log.{close[0]}}}}}?"
            if close
            else f"use {{{{log.attributes.{'.'.join(parts[1:])}}}}}"
        )
        yield UnknownName(name, position, "is no part of a log", fix)


def _why(parts: tuple[str, ...], name: str, groups: tuple[str, ...]) -> tuple[str, str]:
    """The reason, and the fix if there is an obvious one."""
    joined = ".".join(parts)
    for group in groups:
        key = f"[{group}]" if "." in group else group
        if joined in (f"{group}.name", group) or parts == (group.lstrip("@"), "name"):
            return "is not how the group's variable is written", f"write {{{{{key}.name}}}}"
    close = get_close_matches(name, BUILT_IN, 1, 0.75)
    if close:
        return "is no variable of Datadog's", f"did you mean {{{{{close[0]}}}}}?"
    if parts[-1] == "name":
        listed = ", ".join(groups) or "nothing"
        fix = f'group the query: .by("{".".join(parts[:-1])}")'
        return f"is a group's variable, but the query groups by {listed}", fix
    return "is no variable that this query fills", f"use {{{{log.attributes.{joined}}}}}"


def unknown_blocks(template: str) -> list[UnknownName]:
    """The blocks whose names Datadog doesn't have; ``is_warning_to_alert`` is the usual one."""
    found = []
    for section in sections(parse_template(template).nodes):
        if section.name in BLOCKS:
            continue
        close = get_close_matches(section.name, BLOCKS, 1)
        fix = f"did you mean {{{{#{close[0]}}}}}?" if close else "use one of " + ", ".join(BLOCKS)
        if section.name == "is_warning_to_alert":
            fix = "use {{#is_alert}}: it is true for a step from Warn to Alert as well"
        reason = "is no conditional of Datadog's"
        found.append(UnknownName(section.name, section.position, reason, fix))
    return found


def text_outside(template: str) -> tuple[str, int] | None:
    """The first text that goes out on every transition, and its position; None if all is in blocks.

    Raises:
        MessageError: The template can't be read.
    """
    texts = (node for node in parse_template(template).nodes if isinstance(node, Text))
    says = (text for text in texts if any(character.isalnum() for character in text.text))
    return next(((text.text.strip(), text.position) for text in says), None)


def own_texts(nodes: tuple[Node, ...]) -> Iterator[str]:
    """Every text of the template itself, in blocks or not."""
    for node in nodes:
        if isinstance(node, Text):
            yield node.text
        elif isinstance(node, Section):
            yield from own_texts((*node.body, *node.otherwise))
