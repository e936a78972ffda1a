"""What a message template is made of, once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.message.arithmetic import Arithmetic


@dataclass(frozen=True, slots=True)
class Path:
    """A variable's name: ``env.name`` is ``("env", "name")``, ``[@a.b].name`` keeps ``@a.b``."""

    parts: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        """The name as it is written."""
        return ".".join(f"[{part}]" if "." in part else part for part in self.parts)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or number among a helper's arguments."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A helper with its arguments: ``local_time 'last_triggered_at' 'Asia/Tokyo'``."""

    name: str
    arguments: tuple[Expression, ...]
    position: int
    arithmetic: Arithmetic | None = None
    """The expression of an ``eval``."""


Expression = Path | Literal | Call


@dataclass(frozen=True, slots=True)
class Text:
    """What goes out as it stands."""

    text: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """``{{value}}``, or ``{{{value}}}`` (not escaped)."""

    expression: Expression
    escaped: bool
    position: int


@dataclass(frozen=True, slots=True)
class Section:
    """``{{#name …}}body{{else}}otherwise{{/name}}``; *inverted* for ``{{^name …}}``."""

    name: str
    arguments: tuple[Expression, ...]
    inverted: bool
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    position: int


Node = Text | Output | Section


@dataclass(frozen=True, slots=True)
class Template:
    """A template's text and its tree."""

    text: str
    nodes: tuple[Node, ...]


def sections(nodes: tuple[Node, ...]) -> Iterator[Section]:
    """Every block, outer ones first."""
    for node in nodes:
        if isinstance(node, Section):
            yield node
            yield from sections((*node.body, *node.otherwise))


def expressions(nodes: tuple[Node, ...]) -> Iterator[Expression]:
    """Every expression that is put out or compared, with those inside of helpers."""
    for node in nodes:
        if isinstance(node, Output):
            yield from _inside(node.expression)
        elif isinstance(node, Section):
            for argument in node.arguments:
                yield from _inside(argument)
            yield from expressions((*node.body, *node.otherwise))


def _inside(expression: Expression) -> Iterator[Expression]:
    yield expression
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _inside(argument)
