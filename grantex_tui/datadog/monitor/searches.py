"""What the searches of a monitor say that can hardly be meant.

Grantex's forwarders put the event's type into the tag ``type:``; the event itself is the JSON
message, so ``@type:`` is its attribute; the pipeline copies it to ``@grantex.event_type``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.scanner import quoted
from grantex_tui.datadog.problem import Problem
from grantex_tui.datadog.search import (
    And,
    Exists,
    Glob,
    Literal,
    Node,
    Not,
    Or,
    SearchError,
    Term,
    parse,
    terms,
)
from grantex_tui.datadog.search.globs import glob_test


if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from grantex_tui.datadog.monitor.model import LogQuery, MetricQuery, Query


_SYNTAX = "Datadog: logs/explorer/search_syntax"
_METRICS = "Datadog: logs/log_configuration/logs_to_metrics"
FACET = "@grantex.event_type"
_TYPE_FIELDS = ("type", "@type", FACET)
_RESERVED = ("host", "source", "status", "service", "trace_id", "message")
_PREFIXES = ("grantex.", "data.", "event.")
_ENVELOPE = ("id", "createdAt")
AGENT_TYPES = frozenset(
    {"grant.created", "token.issued", "passport.issued", "consent_bundle.created"}
)
"""The only events that name an agent, as the real service sends them."""
_AGENT_FACETS = ("@grantex.agent_id", "@data.agentId")


@dataclass(frozen=True, slots=True)
class Placed:
    """A log query of a monitor, and the JSON path of its search."""

    query: LogQuery
    where: str


def searches(query: Query, variables: object = None) -> Iterator[Placed]:
    """Every log query of a monitor; *variables* is ``options.variables`` as it was read."""
    entries = variables if isinstance(variables, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    for name, logs in query.log_queries.items():
        index = names.index(name) if name in names else 0
        yield Placed(logs, f"options.variables[{index}].search.query" if query.formula else "query")


def check_search(search: str, where: str) -> Iterator[Problem]:
    """An error if it is no search at all."""
    try:
        parse(search)
    except SearchError as error:
        fix = error.hint or "correct the search"
        message = f"{error.problem}\n{error.pointer()}"
        yield Problem("error", "invalid-search", message, where, _SYNTAX, fix)


UnknownFacets = Callable[[str], Sequence[str]]
"""The conditions of a search about facets that no event has."""


def search_advice(
    placed: Placed, known_types: Collection[str], unknown_facets: UnknownFacets | None = None
) -> Iterator[Problem]:
    """Advice for one search, which can be read, and for what it groups by."""
    node = parse(placed.query.search)
    found = list(dict.fromkeys(terms(node)))
    for field in dict.fromkeys([*(str(term.field) for term in found), *placed.query.group_by]):
        yield from _wrong_kind(field, placed.where)
    for term in found:
        if str(term.field) in _TYPE_FIELDS:
            yield from _unknown_type(term, known_types, placed.where)
    yield from _empty_groups(placed, _possible_types(node, known_types))
    yield from _one_index(placed)
    if unknown_facets is not None and not _is_of_others(found):
        for condition in unknown_facets(placed.query.search):
            yield Problem(
                "advice",
                "unknown-facet",
                f"no event of Grantex has what {condition} asks for, so it matches none",
                placed.where,
                "Grantex: the fields of its 28 event types; the log pipeline adds @grantex.*",
                "correct the facet's name, or name the service whose logs have it",
            )


def _is_of_others(found: Sequence[Term]) -> bool:
    """Whether a search names a service or source that is not Grantex's: it has facets of its own."""
    return any(
        str(term.field) in ("service", "source")
        and isinstance(term.matcher, Literal)
        and "grantex" not in term.matcher.text
        for term in found
    )


def metric_advice(metric: MetricQuery, known_types: Collection[str]) -> Iterator[Problem]:
    """Advice for the scope of a metric query over the pack's log-based metric."""
    for pair in metric.scope.split(","):
        key, _, value = pair.strip().lstrip("!-").partition(":")
        if key.startswith("@") or key == "type":
            yield Problem(
                "advice",
                "tag-of-metric",
                f"{key!r} is no tag of a log-based metric: it has the tag names of its group_by",
                "query",
                _METRICS,
                "write event_type:… as in the pack's metric.json",
            )
        if key == "event_type" and value and "*" not in value and value not in known_types:
            yield _no_such_type(value, known_types, "query")


def _one_index(placed: Placed) -> Iterator[Problem]:
    if placed.query.every_index:
        return
    names = ", ".join(map(quoted, placed.query.indexes))
    yield Problem(
        "advice",
        "one-index",
        f"only logs of the index {names} count, which your account's filters choose; here every "
        "log counts, for no event says in which index it will be",
        placed.where,
        "Datadog: logs/log_configuration/indexes: a log goes to the first index whose filter fits",
        'write .index("*"), or see to it that the index takes what the search asks for',
    )


def _wrong_kind(field: str, where: str) -> Iterator[Problem]:
    bare = field.removeprefix("@")
    if field == "type":
        yield _kind(
            "tag-for-attribute",
            "type: is the tag that a forwarder adds, not the event's own field, which is @type:",
            where,
            f"write {FACET}:, the pipeline's facet, which every way of delivery fills",
        )
    elif field == "@type":
        yield _kind(
            "attribute-for-tag",
            "@type: is the attribute in the event's JSON, not the tag type: that a forwarder adds",
            where,
            f"write {FACET}:, the pipeline's facet, or type: if the tag is meant",
        )
    elif field.startswith("@") and bare in _RESERVED:
        message = f"{field}: is an attribute of the event; the log's own {bare} has no @"
        yield _kind("attribute-for-tag", message, where, f"write {bare}:")
    elif bare == field and (field.startswith(_PREFIXES) or field in _ENVELOPE):
        message = f"{field}: without @ is a tag, and no Grantex log has it"
        yield _kind("tag-for-attribute", message, where, f"write @{field}:")


def _kind(code: str, message: str, where: str, fix: str) -> Problem:
    rule = f"{_SYNTAX}: attributes are searched with @, tags and reserved attributes without"
    return Problem("advice", code, message, where, rule, fix)


def _unknown_type(term: Term, known: Collection[str], where: str) -> Iterator[Problem]:
    match term.matcher:
        case Literal(text=text):
            if _folded(term, text) not in known:
                yield _no_such_type(text, known, where)
        case Glob() as glob:
            shown = "".join(part if isinstance(part, str) else part.value for part in glob.parts)
            if not any(map(glob_test(glob), known)):
                yield _no_such_type(shown, known, where)
        case _:
            return


def _folded(term: Term, text: str) -> str:
    """Tags are stored in lower case, attributes as they are."""
    return text.lower() if term.field.kind == "tag" else text


def _no_such_type(text: str, known: Collection[str], where: str) -> Problem:
    close = _nearest(text, known)
    fix = f"did you mean {close!r}?" if close else f"the {len(known)} types: {', '.join(known)}"
    return Problem(
        "advice",
        "unknown-event-type",
        f"Grantex sends no event of type {text!r}, so this matches nothing",
        where,
        "Grantex: the complete list of events that its service emits",
        fix,
    )


def _nearest(text: str, known: Collection[str]) -> str:
    """The type that is spelt most alike; for a wildcard the family of types, ``budget.*``."""
    if "*" not in text and "?" not in text:
        return next(iter(get_close_matches(text.lower(), known, 1, 0.5)), "")
    families = {f"{name.partition('.')[0]}.*" for name in known}
    prefix = text.lower().partition(".")[0].rstrip("*?")
    return next(iter(get_close_matches(f"{prefix}.*", sorted(families), 1, 0.5)), "")


def _possible_types(node: Node, known: Collection[str]) -> frozenset[str]:
    """The event types that a log matching the search can have."""
    every = frozenset(known)
    match node:
        case Term(field=field, matcher=matcher) if str(field) in _TYPE_FIELDS:
            return frozenset(filter(_test(node, matcher), known))
        case And(children=children):
            return every.intersection(*(_possible_types(child, known) for child in children))
        case Or(children=children):
            return frozenset().union(*(_possible_types(child, known) for child in children))
        case Not(child=child) if all(map(_is_of_type, terms(child))):
            return every - _possible_types(child, known)
        case _:
            return every


def _is_of_type(term: Term) -> bool:
    """Whether the term says exactly which types it takes, so that its opposite does as well."""
    return str(term.field) in _TYPE_FIELDS and isinstance(term.matcher, Literal | Glob | Exists)


def _test(term: Term, matcher: object) -> Callable[[str], bool]:
    match matcher:
        case Literal(text=text):
            wanted = _folded(term, text)
            return lambda name: name == wanted
        case Glob() as glob:
            return glob_test(glob)
        case Exists():
            return lambda _name: True
        case _:
            return lambda _name: True


def _empty_groups(placed: Placed, types: frozenset[str]) -> Iterator[Problem]:
    for facet in placed.query.group_by:
        if facet in _AGENT_FACETS and types and not types & AGENT_TYPES:
            named = ", ".join(sorted(types)[:3])
            yield Problem(
                "advice",
                "group-never-filled",
                f"{named} carries no agent, so no log has {facet} and no group ever appears",
                placed.where,
                "Grantex: only grant.created, token.issued, passport.issued and "
                "consent_bundle.created name the agent",
                "group by @grantex.grant_id, or drop the group by",
            )
