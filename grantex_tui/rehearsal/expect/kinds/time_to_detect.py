"""``time_to_detect``: how soon incidents are noticed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from grantex_tui.datadog.document import step
from grantex_tui.rehearsal.expect.detecting import NO_INCIDENTS, delays, missed
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import Kind
from grantex_tui.rehearsal.expect.types import Duration, Monitors, Text
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text, parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Incident, Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader

_LISTED = 5


class DetectEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How soon after its beginning an incident is noticed."""

    monitor: Monitors | None = None
    incident: Annotated[Text, Meta(description="Its label; by default every incident.")] | None = (
        None
    )
    p50: Annotated[Duration, Meta(description="The median at most.")] | None = None
    p100: Annotated[Duration, Meta(description="The slowest at most.")] | None = None


@dataclass(frozen=True, slots=True)
class DetectTimeClaim:
    """How soon incidents are noticed by any of the monitors meant."""

    about: About
    incident: str | None
    """Its label; None: all of them."""
    p50: float | None = None
    p100: float | None = None
    kind: str = "time_to_detect"

    @property
    def monitors(self) -> Sequence[int]:
        """Whoever may notice."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials notices burst within 5m``."""
        what = "every incident" if self.incident is None else printable(self.incident, limit=80)
        limits = [f"within {duration_text(self.p100)}"] if self.p100 is not None else []
        limits += (
            [f"in the median within {duration_text(self.p50)}"] if self.p50 is not None else []
        )
        return f"{self.about.text} notices {what} {' and '.join(limits)}".rstrip()

    def failure(self, rehearsed: Pass) -> Failure | None:
        """Which incident took too long, or was never noticed."""
        incidents = [each for each in rehearsed.incidents if self.incident in (None, each.label)]
        if not incidents:
            return Failure(self._no_such(rehearsed.incidents))
        times = delays(incidents, self.about, rehearsed)
        took = list(zip(times, incidents, strict=True))
        took.sort(key=lambda pair: -pair[0])
        middle = median(seconds for seconds, _ in took)
        slowest, worst = took[0]
        slow = slowest > (inf if self.p100 is None else self.p100)
        if slow:
            reason = _late(slowest, worst, self.about, rehearsed)
            return self._failure(reason, worst, slowest, slowest)
        if self.p50 is not None and middle > self.p50:
            reason = (
                f"the median is {_lasted(middle)}; {_late(slowest, worst, self.about, rehearsed)}"
            )
            return self._failure(reason, worst, slowest, middle)
        return None

    @staticmethod
    def _failure(reason: str, worst: Incident, slowest: float, took: float) -> Failure:
        short = "not noticed" if took == inf else duration_text(took)
        return Failure(reason, _look(worst, slowest), short, took)

    def _no_such(self, incidents: Sequence[Incident]) -> str:
        if not incidents:
            return NO_INCIDENTS
        labels = [printable(label, limit=80) for label in dict.fromkeys(i.label for i in incidents)]
        more = f" and {len(labels) - _LISTED} more" if labels[_LISTED:] else ""
        return (
            f"there is no incident {self.incident!r} in it; "
            f"there are {', '.join(labels[:_LISTED])}{more}"
        )


def _late(seconds: float, incident: Incident, about: About, rehearsed: Pass) -> str:
    if seconds == inf:
        return missed(incident, about, rehearsed)
    at = both_texts(incident.start + seconds, rehearsed.start)
    label = printable(incident.label, limit=80)
    return f"{label} was noticed after {duration_text(seconds)}, at {at}"


def _lasted(seconds: float) -> str:
    return "infinite, since most were not noticed" if seconds == inf else duration_text(seconds)


def _look(incident: Incident, seconds: float) -> float:
    return incident.end if seconds == inf else incident.start + seconds


def read(reader: Reader, entries: Sequence[tuple[str, DetectEntry]]) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        if entry.p50 is None and entry.p100 is None:
            reader.note(where, "time_to_detect says not how long", "give p50, p100 or both")
        _check_label(reader, entry.incident, where)
        p50, p100 = (
            None if each is None else parse_duration(each) for each in (entry.p50, entry.p100)
        )
        if p50 is not None and p100 is not None and p50 > p100:
            what = f"p50 {duration_text(p50)} is more than p100 {duration_text(p100)}"
            reader.note(step(where, "p50"), what, "the slowest is never below the median")
        about = reader.about(entry.monitor, None, where)
        yield where, DetectTimeClaim(about, entry.incident, p50, p100)


def _check_label(reader: Reader, label: str | None, where: str) -> None:
    known = reader.incidents
    if label is not None and known is not None and label not in known:
        near = difflib.get_close_matches(label, known, 1) or known
        todo = f"there are {', '.join(near)}" if near else "give it under incidents"
        reader.note(step(where, "incident"), f"there is no incident {label!r}", todo)


KINDS = (Kind("time_to_detect", "Incidents are noticed within so long a time.", DetectEntry, read),)
