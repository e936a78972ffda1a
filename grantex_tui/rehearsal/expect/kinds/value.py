"""``value``: what the latest evaluation at an instant found."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Struct, field

from grantex_tui.datadog.document import step
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.expect.about import outside, value_text
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import Kind, about_of
from grantex_tui.rehearsal.expect.types import (
    AllowAbsent,
    Group,
    Instant,
    MonitorName,
    Number,
    shape,
)
from grantex_tui.words.durations import both_texts


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass, Track
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader
    from grantex_tui.words.durations import Moment, Range


class ValueEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What an evaluation found: the latest at an instant."""

    monitor: MonitorName
    at: Instant
    expected: Annotated[
        Number | Literal["none"],
        shape("a value", "write a number, {min: 10, max: 20}, or none"),
    ] = field(name="is")
    group: Group | None = None
    allow_absent: AllowAbsent | None = None


@dataclass(frozen=True, slots=True)
class ValueClaim:
    """What the latest evaluation at an instant found."""

    about: About
    at: Moment
    value: Range | None
    """None: that there was nothing to compare."""
    kind: str = "value"

    @property
    def monitors(self) -> Sequence[int]:
        """The one."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``revocations finds 12 at +5m``."""
        what = "no value" if self.value is None else str(self.value)
        return f"{self.about.text} finds {what} at {self.at}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """What it found instead."""
        at = self.at.on(rehearsed.start)
        if beyond := outside(at, rehearsed):
            return Failure(beyond, at)
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        evaluations = [
            found
            for track in rehearsed.tracks
            if self.about.covers(track.monitor, track.group)
            and (found := _latest(track, at)) is not None
        ]
        if not evaluations:
            return None if self.value is None else Failure("it had not been evaluated yet", at)
        evaluated, value = max(evaluations)
        holds = value is None if self.value is None else self.value.holds(value)
        when = both_texts(evaluated, rehearsed.start)
        if holds:
            return None
        return Failure(f"it found {value_text(value)} at {when}", evaluated, value_text(value))


def _latest(track: Track, at: float) -> tuple[float, float | None] | None:
    """Instant and value of the last evaluation up to *at*, if the group was there then."""
    position = bisect_right(track.instants, at) - 1
    if position < 0 or (track.left_at is not None and track.left_at <= at):
        return None
    outcome = track.outcomes[position]
    return track.instants[position], None if isinstance(outcome, Absent) else outcome


def read(reader: Reader, entries: Sequence[tuple[str, ValueEntry]]) -> Iterator[tuple[str, Claim]]:
    """One claim an entry; of a multi alert it must say which group it is about."""
    for where, entry in entries:
        at = reader.moment(step(where, "at"), entry.at)
        about = about_of(reader, entry, where)
        facets = [reader.facets(meant) for meant in about.meant]
        named = {facet for meant in about.meant for facet, _ in meant.pairs}
        if about.meant and set(facets[0]) != named:
            reader.note(
                where, "value is of one group, and it isn't said which",
                f"give group: {{{', '.join(f'{facet!r}: …' for facet in facets[0])}}}",
            )  # fmt: skip
        expected = entry.expected
        wanted = None if isinstance(expected, str) else reader.range(expected, step(where, "is"))
        if at is not None:
            yield where, ValueClaim(about, at, wanted)


KINDS = (Kind("value", "What the latest evaluation at an instant found.", ValueEntry, read),)
