"""The syntax tree of a log search: nodes, fields and what a field's value must be.

Trees are values: frozen, hashable, equal when they mean the same text. `parser.parse` makes them,
`printer.to_text` writes them back, and ``parse(to_text(tree)) == tree``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal as OneOf

from grantex_tui.datadog.paths import join_path, split_path


FieldKind = OneOf["attribute", "reserved", "tag", "tags", "message", "any"]
Operator = OneOf[">", ">=", "<", "<="]
RESERVED = frozenset({"host", "service", "source", "status", "trace_id", "timestamp"})
"""Fields of a log that are searched by their bare names, besides ``message`` and ``tags``."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a term looks at.

    ``attribute``: *name* is the path without ``@`` (see `grantex_tui.datadog.paths`);
    ``reserved``: one of `RESERVED`; ``tag``: *name* is the tag's key; ``tags``: whole tags;
    ``message``: free text; ``any``: full text (``*:``), the message and every attribute.
    """

    kind: FieldKind
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Field:
        """The field that a search means by *text*, such as ``@type``, ``service`` or ``env``."""
        if text.startswith("@"):
            return cls("attribute", join_path(split_path(text[1:])))
        match text:
            case "tags":
                return TAGS
            case "message" | "_default_":
                return MESSAGE
            case "*":
                return ANY
        return cls("reserved" if text in RESERVED else "tag", text)

    def __str__(self) -> str:
        """As a person writes it, without escapes."""
        match self.kind:
            case "attribute":
                return f"@{self.name}"
            case "any":
                return "*"
            case "reserved" | "tag":
                return self.name
            case _:
                return self.kind


MESSAGE = Field("message")
TAGS = Field("tags")
ANY = Field("any")


class Wild(Enum):
    """A wildcard outside quotes."""

    RUN = "*"
    """Any run of characters, also none."""
    ONE = "?"
    """Exactly one character."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A word or a quoted phrase: on the message the words in sequence, elsewhere the whole value."""

    text: str


@dataclass(frozen=True, slots=True)
class Glob:
    """A whole value with wildcards; neither only text nor only ``*``, no two ``*`` in a row."""

    parts: tuple[str | Wild, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """``field:*``: any value at all."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``field:>10``: numbers by size when both are numbers, texts in text order."""

    operator: Operator
    bound: str


@dataclass(frozen=True, slots=True)
class Range:
    """``[low TO high]``; a bound of None (``*``) is open, a curly bracket excludes its bound."""

    low: str | None
    high: str | None
    includes_low: bool = True
    includes_high: bool = True


@dataclass(frozen=True, slots=True)
class Cidr:
    """``CIDR(field, block, …)``: an address inside one of the blocks, as they were written."""

    blocks: tuple[str, ...]


Matcher = Literal | Glob | Exists | Compare | Range | Cidr


@dataclass(frozen=True, slots=True)
class Everything:
    """``*``, ``*:*`` or an empty search."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on one field."""

    field: Field
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Not:
    """``-x`` or ``NOT x``; also true where the field is absent."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more."""

    children: tuple[Node, ...]


Node = Everything | Term | Not | And | Or
