"""What the events of one type are asked: by counting alone, on a thin log, or on the whole one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import facet_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.search import Node
    from grantex_tui.monitoring.count.feed import LogAnswer

    Reader = Callable[[Mapping[str, object]], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Asker:
    """One question, prepared."""

    number: int
    node: Node
    matches: Callable[[Log], bool]
    answer: LogAnswer
    by_type: bool
    """Whether the event's type alone decides that a log matches."""
    thin: bool
    """Whether the payload and the type decide it, without the pipelines."""
    plain: bool
    """Whether it only counts, in one group."""
    required: tuple[str, str] | None
    """An attribute's path and the value that every match has there."""


@dataclass(slots=True)
class Tries:
    """Questions that have to look at the log: each in turn, or by a value that they require."""

    in_turn: list[Asker] = field(default_factory=list)
    by_value: dict[str, dict[str, list[Asker]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.in_turn or self.by_value)

    def __iter__(self) -> Iterator[Asker]:
        yield from self.in_turn
        for by_value in self.by_value.values():
            for askers in by_value.values():
                yield from askers

    def add(self, asker: Asker) -> None:
        """Take a question, indexed if it can be."""
        if asker.required is None:
            self.in_turn.append(asker)
        else:
            path, value = asker.required
            self.by_value.setdefault(path, {}).setdefault(value, []).append(asker)

    def matching(self, log: Log, readers: Mapping[str, Reader]) -> Iterator[Asker]:
        """The questions that *log* answers."""
        for asker in self.in_turn:
            if asker.matches(log):
                yield asker
        for path, by_value in self.by_value.items():
            for value in set(map(facet_text, readers[path](log.attributes))):
                for asker in by_value.get(value, ()):
                    if asker.matches(log):
                        yield asker


@dataclass(slots=True)
class Plan:
    """What events of one type are asked."""

    like: Log
    """A log of the type, for what all of its logs have in common."""
    counted: list[int] = field(default_factory=list)
    """Questions that each of them answers, by counting alone."""
    answered: list[Asker] = field(default_factory=list)
    """Questions that each of them answers, with a group or a value."""
    thin: Tries = field(default_factory=Tries)
    """Questions about nothing that a pipeline makes, but the copies of the type."""
    full: Tries = field(default_factory=Tries)
    """All others."""

    @property
    def looks(self) -> bool:
        """Whether a question looks at each event of the type."""
        return bool(self.answered or self.thin or self.full)
