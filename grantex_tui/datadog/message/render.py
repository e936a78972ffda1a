"""A template and a transition to the text that people get, and who gets it.

Datadog: monitors/notify/variables. What comes from events is HTML-escaped as Handlebars does
(``& < > " ' ` =``), unless it stands in triple braces; thresholds, values and times are Datadog's
own and need none. A variable without a value renders empty; so does a block with an unknown name
(its ``{{else}}`` and its ``{{^…}}`` form render).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.message.arithmetic import split_path
from grantex_tui.datadog.message.functions import Value, as_number
from grantex_tui.datadog.message.handles import handles
from grantex_tui.datadog.message.parse import parse_template
from grantex_tui.datadog.message.tree import (
    Call,
    Expression,
    Literal,
    Node,
    Output,
    Path,
    Section,
    Template,
    Text,
)
from grantex_tui.datadog.message.variables import is_foreign, local_time, number_text, variable


if TYPE_CHECKING:
    from grantex_tui.datadog.message.context import MessageContext


_ESCAPES = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;",
    "=": "&#x3D;",
}  # fmt: skip
_UNSAFE = re.compile(r"[&<>\"'`=]")
_PRIORITY = re.compile(r"[Pp]?([1-5])")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to send; *priority* 1 to 5 is the monitor's, or what the message overrides."""

    body: str
    recipients: tuple[str, ...]
    priority: int | None


def render(template: str | Template, context: MessageContext) -> Rendered:
    """Render a message.

    Raises:
        MessageError: The template can't be read.
    """
    tree = parse_template(template) if isinstance(template, str) else template
    renderer = _Renderer(context)
    renderer.nodes(tree.nodes)
    body = "".join(text for text, _ in renderer.parts).strip()
    return Rendered(body, handles(renderer.parts), renderer.priority)


@dataclass(slots=True)
class _Renderer:
    context: MessageContext
    parts: list[tuple[str, bool]] = field(default_factory=list)
    """Texts, and whether they are the template's own."""
    priority: int | None = None

    def __post_init__(self) -> None:
        self.priority = self.context.priority

    def nodes(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            match node:
                case Text(text=text):
                    self.parts.append((text, True))
                case Output():
                    self._output(node)
                case Section():
                    self.nodes(node.body if self._holds(node) else node.otherwise)

    def _output(self, node: Output) -> None:
        expression = node.expression
        if isinstance(expression, Call) and expression.name == "override_priority":
            self._override(expression)
            return
        value = self._value(expression)
        text = "" if value is None else number_text(value)
        foreign = is_foreign(expression.parts) if isinstance(expression, Path) else True
        self.parts.append((_escape(text) if node.escaped and foreign else text, False))

    def _override(self, call: Call) -> None:
        text = "".join(number_text(self._value(a) or "") for a in call.arguments[:1])
        match = _PRIORITY.fullmatch(text)
        self.priority = int(match[1]) if match else self.priority

    def _value(self, expression: Expression) -> Value | None:
        match expression:
            case Path(parts=parts):
                return variable(parts, self.context)
            case Literal(text=text):
                return text
            case Call(name="eval", arithmetic=arithmetic) if arithmetic is not None:
                return arithmetic.evaluate(lambda parts: variable(parts, self.context))
            case Call(name="local_time", arguments=(name, zone)):
                return local_time(_named(name), _named(zone), self.context)
            case _:
                return None

    def _holds(self, section: Section) -> bool:
        return self._true(section) is not section.inverted

    def _true(self, section: Section) -> bool:
        match section.name:
            case "is_match":
                return self._is_match(section.arguments)
            case "is_exact_match":
                return self._is_exact_match(section.arguments)
            case "is_priority":
                wanted = (_PRIORITY.fullmatch(_named(a)) for a in section.arguments)
                return any(m and int(m[1]) == self.context.priority for m in wanted)
            case name:
                return bool(self.context.holds(name))

    def _is_match(self, arguments: tuple[Expression, ...]) -> bool:
        """Substring; several texts are alternatives, an empty one asks for "not empty"."""
        text = self._compared(arguments)
        wanted = [_named(argument) for argument in arguments[1:]]
        return any(part in text if part else bool(text) for part in wanted)

    def _is_exact_match(self, arguments: tuple[Expression, ...]) -> bool:
        """Equality; two numbers are equal by their value, whatever their writing."""
        text = self._compared(arguments)
        return any(_same(text, _named(argument)) for argument in arguments[1:])

    def _compared(self, arguments: tuple[Expression, ...]) -> str:
        """The first argument: a variable's name in quotes or bare, or an ``eval``."""
        if not arguments:
            return ""
        first = arguments[0]
        if isinstance(first, Call):
            value = self._value(first)
        else:
            parts = first.parts if isinstance(first, Path) else split_path(first.text)
            value = self._variable_or_tag(parts)
        return "" if value is None else number_text(value)

    def _variable_or_tag(self, parts: tuple[str, ...]) -> Value | None:
        """Datadog's own examples compare ``"env"`` as well as ``"env.name"``."""
        if not parts:
            return None
        value = variable(parts, self.context)
        if value is None and parts[-1] == "name" and len(parts) > 2:
            value = variable((".".join(parts[:-1]), "name"), self.context)
        return variable((".".join(parts), "name"), self.context) if value is None else value


def _named(expression: Expression) -> str:
    match expression:
        case Literal(text=text):
            return text
        case Path():
            return expression.text
        case _:
            return ""


def _same(left: str, right: str) -> bool:
    try:
        return left == right or as_number(left) == as_number(right)
    except ValueError:
        return False


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda match: _ESCAPES[match[0]], text)
