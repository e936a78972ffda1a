"""What every kind of processor says of itself: how it is read, what it does, what it touches.

A kind is one module in ``processors/``: a frozen dataclass that is a `Processor`, and a `Kind` that
reads it from API JSON. Everything else (parsing, checking, compiling, tracing values back, the table
in the documentation) asks these two and knows no kind by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Step
    from grantex_tui.datadog.problem import Problem


ANYWHERE = ""
"""The path in `Effects` that only the log itself decides."""
ALWAYS = ("type", "name", "is_enabled")
"""Keys of every processor."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a processor may read and change, known without a log.

    A path is that of an attribute; the log's own fields go by their name in `Log` (``message``,
    ``tags``, ``timestamp`` …).
    """

    reads: tuple[str, ...] = ()
    """Paths and fields that decide what it does; `ANYWHERE` if only a log tells."""
    writes: frozenset[str] = frozenset()
    """Attribute paths that it may set or remove; `ANYWHERE` if only a log tells."""
    fields: frozenset[str] = frozenset()
    """The log's own fields that it may set."""
    claims: str = ""
    """The field of which Datadog counts only the first remapper that a log meets."""
    unevaluated: frozenset[str] = frozenset()
    """Paths and fields that Datadog would set and this evaluation does not, or not always."""
    notes: tuple[str, ...] = ()
    """What is not evaluated here, one sentence each."""


class Processor(Protocol):
    """One processor, parsed."""

    @property
    def name(self) -> str:
        """What its owner calls it; may be empty."""
        ...

    @property
    def is_enabled(self) -> bool:
        """Whether it acts."""
        ...

    def effects(self) -> Effects:
        """What it may read and change."""
        ...

    def step(self) -> Step | None:
        """The function that does it to a log; None when it is not evaluated here."""
        ...

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """What Datadog would refuse for its content, or take and its owner regret."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of processor as Datadog's API names it."""

    type: str
    keys: tuple[str, ...]
    """Its keys besides `ALWAYS`."""
    read: Callable[[Reader], Processor]
    """Reads one from its API object; raises `PipelineError`."""
    summary: str
    """What it does, for the documentation."""
    limits: str = ""
    """Where the evaluation here ends, for the documentation; empty when nothing is known."""


ReadProcessors = Callable[["Reader"], tuple[Processor, ...]]
"""Reads the processors within a processor; given to the kinds that hold others."""


def common(reader: Reader) -> tuple[str, bool]:
    """``name`` and ``is_enabled``, in the order of every processor's first fields."""
    return reader.text("name", ""), reader.flag("is_enabled")


def not_evaluated_note(what: str, why: str = "") -> str:
    """One sentence for `Effects.notes`; *why* says what would change it."""
    return f"{what} is not evaluated locally" + (f": {why}" if why else "")


def not_evaluated(reader: Reader, what: str, why: str = "") -> Problem:
    """Advice: results that need this differ from Datadog's."""
    message = f"{what} is not evaluated here; logs pass it unchanged"
    fix = why or "expect results that need it to differ from Datadog's"
    return reader.advice("not-evaluated-locally", "type", message, fix=fix)


def no_advice(_reader: Reader) -> Iterator[Problem]:
    """For kinds of which there is nothing to say."""
    return iter(())
