"""Passes made by hand, for whatever reports on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.model import LogQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.evaluate.states import State, Transition, TransitionKind
from grantex_tui.rehearsal.engine.model import WATCH, Pass, Span


NINE = 1_767_603_600.0  # 2026-01-05T09:00:00Z
LETTERS = {".": State.OK, "w": State.WARN, "A": State.ALERT, "n": State.NO_DATA}
KINDS = {
    State.OK: TransitionKind.RECOVERED,
    State.WARN: TransitionKind.WARN,
    State.ALERT: TransitionKind.TRIGGERED,
    State.NO_DATA: TransitionKind.NO_DATA,
}

MakeMonitor = Callable[..., Monitor]
MakePass = Callable[..., Pass]


def monitor(
    name: str = "denials",
    *,
    comparator: str = ">",
    critical: float = 10.0,
    by: Sequence[str] = (),
    window: int = 300,
    **options,
) -> Monitor:
    query = LogAlertQuery(
        LogQuery("*", group_by=tuple(by)), window, Comparator(comparator), critical
    )
    thresholds = Thresholds(critical=critical)
    return Monitor(name, "log alert", "…", query, options=Options(thresholds=thresholds, **options))


def spans_of(index: int, group, letters: str, start: float, step: float, phase: int) -> list[Span]:
    """A letter for each *step* seconds; a blank is a time without the group."""
    spans: list[Span] = []
    for place, letter in enumerate(letters):
        if letter == " ":
            continue
        at = start + place * step + (phase if place else 0)
        until = start + (place + 1) * step + phase
        last = spans[-1] if spans and letters[place - 1] == letter else None
        if last is not None:
            spans[-1] = Span(index, group, last.state, last.start, until)
        else:
            spans.append(Span(index, group, LETTERS[letter], at, until))
    return spans


def transitions_of(name: str, spans: Sequence[Span], value: float) -> list[Transition]:
    """The changes between spans; a first state but OK and No Data is one too."""
    found = []
    before = State.OK
    for span in spans:
        if span.state is not before and not (span is spans[0] and span.state is State.NO_DATA):
            at, after = span.start, span.state
            found.append(
                Transition(
                    name, span.group, at, before, after, KINDS[after], value, 10.0,
                    index=span.monitor,
                )
            )  # fmt: skip
        before = span.state
    return found


def make(
    *lines: tuple[Monitor, dict[tuple, str]], step: float = 60.0, phase: int = 0,
    start: float = NINE, value: float = 13.0, **others,
) -> Pass:  # fmt: skip
    """A pass from letters: ``(monitor, {group: "..wwAA"})``, one letter for each *step* seconds."""
    longest = max((len(text) for _, groups in lines for text in groups.values()), default=1)
    spans: list[Span] = []
    transitions: list[Transition] = []
    end = start + longest * step
    for index, (each, groups) in enumerate(lines):
        for group, letters in sorted(groups.items()):
            own = spans_of(index, group, letters, start, step, phase)
            own = [Span(s.monitor, s.group, s.state, s.start, min(s.end, end)) for s in own]
            spans += own
            transitions += transitions_of(each.name, own, value)
    plain = Pass(
        monitors=tuple(each for each, _ in lines),
        source="denials.ndjson",
        start=start,
        end=end,
        phase=phase,
        delivery=WATCH,
        events=1234,
        ticks=int((end - start) // 60),
        transitions=tuple(sorted(transitions, key=lambda t: (t.at, t.index, t.group))),
        spans=tuple(spans),
    )
    return replace(plain, **others)


@pytest.fixture(scope="session")
def nine() -> float:
    """2026-01-05T09:00:00Z, when passes made by hand begin."""
    return NINE


@pytest.fixture(scope="session")
def make_monitor() -> MakeMonitor:
    """Makes a log monitor: name, comparator, critical, by, window, options."""
    return monitor


@pytest.fixture(scope="session")
def make_pass() -> MakePass:
    """Makes a pass of (monitor, {group: letters}) pairs."""
    return make
