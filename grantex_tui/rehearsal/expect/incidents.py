"""Expectations about incidents: each is detected, soon enough, and nothing else alerts."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from statistics import median
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import group_text, listed, nearest_approach, unsaid
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.measure.stays import false_alerts, times_to_detect
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.model import Incident, Pass, Span
    from grantex_tui.rehearsal.expect.about import About

_LISTED = 5
_NO_INCIDENTS = (
    "there are no incidents; give them under incidents, or rehearse a scenario with some"
)


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
        delays = _delays(incidents, self.about, rehearsed)
        took = list(zip(delays, incidents, strict=True))
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
            return _NO_INCIDENTS
        labels = [printable(label, limit=80) for label in dict.fromkeys(i.label for i in incidents)]
        more = f" and {len(labels) - _LISTED} more" if labels[_LISTED:] else ""
        return (
            f"there is no incident {self.incident!r} in it; "
            f"there are {', '.join(labels[:_LISTED])}{more}"
        )


@dataclass(frozen=True, slots=True)
class DetectsAllClaim:
    """Every incident is noticed by at least one of the monitors meant."""

    about: About
    kind: str = "detects_all_incidents"

    @property
    def monitors(self) -> Sequence[int]:
        """Whoever may notice."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials detects each incident``."""
        who = "some monitor" if self.about.everything else self.about.text
        return f"{who} detects each incident"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The incidents that nobody noticed."""
        if not rehearsed.incidents:
            return Failure(_NO_INCIDENTS)
        delays = _delays(rehearsed.incidents, self.about, rehearsed)
        missed = [
            each for each, took in zip(rehearsed.incidents, delays, strict=True) if took == inf
        ]
        if not missed:
            return None
        count = f"{len(missed)} of {len(rehearsed.incidents)} not detected"
        texts = [_missed(each, self.about, rehearsed) for each in missed[:_LISTED]]
        reason = listed(count, texts, len(missed))
        return Failure(reason, missed[0].start, f"{len(missed)} missed", len(missed))


@dataclass(frozen=True, slots=True)
class NoFalseAlertsClaim:
    """Every alert is about an incident."""

    about: About
    kind: str = "no_false_alerts"

    @property
    def monitors(self) -> Sequence[int]:
        """Whose alerts are meant."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials alerts only about incidents``."""
        return f"{self.about.text} alerts only about incidents"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The alerts that are about none."""
        alone = false_alerts(self.about.spans(rehearsed), rehearsed.incidents, rehearsed.monitors)
        if not alone:
            return None
        count = f"{len(alone)} false alert{'s' if len(alone) > 1 else ''}"
        texts = [_false_alert(span, rehearsed) for span in alone[:_LISTED]]
        reason = listed(count, texts, len(alone))
        return Failure(reason, alone[0].start, count, len(alone))


def _false_alert(span: Span, rehearsed: Pass) -> str:
    name = printable(rehearsed.monitors[span.monitor].name, limit=80)
    group = f" ({group_text(span.group)})" if span.group else ""
    lasted = duration_text(span.end - span.start)
    return f"{name}{group} at {both_texts(span.start, rehearsed.start)} for {lasted}"


def _delays(incidents: Sequence[Incident], about: About, rehearsed: Pass) -> list[float]:
    """Seconds until each was noticed; infinite if it never was."""
    times = times_to_detect(about.spans(rehearsed), incidents, rehearsed.monitors)
    return [inf if time is None else time for time in times]


def _late(seconds: float, incident: Incident, about: About, rehearsed: Pass) -> str:
    if seconds == inf:
        return _missed(incident, about, rehearsed)
    at = both_texts(incident.start + seconds, rehearsed.start)
    label = printable(incident.label, limit=80)
    return f"{label} was noticed after {duration_text(seconds)}, at {at}"


def _missed(incident: Incident, about: About, rehearsed: Pass) -> str:
    when = both_texts(incident.start, rehearsed.start)
    lasted = duration_text(incident.end - incident.start)
    which = f"{printable(incident.label, limit=80)}, from {when} for {lasted},"
    if incident.start >= rehearsed.end or incident.end < rehearsed.start:
        return f"{which} lies outside it; {unsaid(rehearsed)}"
    text = f"{which} was not noticed"
    # Of many monitors the distances to all thresholds would say nothing.
    near = "" if about.everything else nearest_approach(about, rehearsed)
    return f"{text}; in the whole rehearsal {near}" if near else text


def _lasted(seconds: float) -> str:
    return "infinite, since most were not noticed" if seconds == inf else duration_text(seconds)


def _look(incident: Incident, seconds: float) -> float:
    return incident.end if seconds == inf else incident.start + seconds
