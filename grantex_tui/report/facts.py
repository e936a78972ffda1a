"""What every form of the report says in the same words: about the events, and what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from grantex_tui.monitoring.count.presence import unmatched_text
from grantex_tui.monitoring.count.unevaluated import unevaluated_text
from grantex_tui.rehearsal.measure.measures import worst_of
from grantex_tui.rehearsal.measure.measuring import measure
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text, instant_text
from grantex_tui.words.numbers import count, percent


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Pass
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.measure.measures import Measures

_MANY_FALSE = 2
_LISTED = 5
_PHASE = "phase:"


class Note(NamedTuple):
    """Something to mind about an outcome."""

    kind: Literal["bad", "gap", "unreadable", "approximate"]
    text: str
    """One line, safe to show."""


class Tested(NamedTuple):
    """A monitor with its measures."""

    monitor: Monitor
    worst: Measures
    """Over all phases."""
    phases: tuple[Measures, ...]
    """At each."""


def tested(passes: Sequence[Pass]) -> tuple[Measures, list[Tested]]:
    """The measures of all monitors together at worst, and of each."""
    measured = [measure(each) for each in passes]
    total = worst_of([each.total for each in measured])
    return total, [
        Tested(monitor, worst_of(own), own)
        for monitor, own in zip(
            passes[0].monitors, zip(*(each.monitors for each in measured), strict=True), strict=True
        )
    ]


def about(passes: Sequence[Pass]) -> str:
    """What was rehearsed: ``18,660 events in 1h from …, 9 monitors, delivery watch (…)``."""
    first = passes[0]
    parts = [
        f"{first.events:,} event{'s' * (first.events != 1)}",
        f"from {instant_text(first.start)} for {duration_text(round(first.end - first.start))}",
        f"delivery {delivery_text(first.delivery)}",
        _phases(passes),
    ]
    source = printable(first.source, limit=200)
    return f"{source}: {', '.join(part for part in parts if part)}"


def delivery_text(model: DeliveryModel) -> str:
    """``guide (batches of 100, no timer)``."""
    name = printable(model.name, limit=60)
    if model.batch_size <= 1:
        details = ["each event at once"]
    else:
        timer = f"{model.flush_interval:g} s" if model.flush_interval else "no timer"
        details = [f"batches of {model.batch_size}", timer]
    details += [f"{model.latency:g} s on the way"] if model.latency else []
    details += [count(len(model.outages), "outage")] if model.outages else []
    return f"{name} ({', '.join(details)})"


def _phases(passes: Sequence[Pass]) -> str:
    seconds = [str(each.phase) for each in passes]
    if len(seconds) > 1:
        return f"{len(seconds)} phases ({', '.join(seconds)} s; numbers are the worst of them)"
    return f"phase {seconds[0]} s" if seconds[0] != "0" else ""


def notes(passes: Sequence[Pass], monitors: Sequence[Tested]) -> list[Note]:
    """What to mind, the worst first."""
    first = passes[0]
    missing = [printable(text, limit=400) for text in _unevaluated(first)]
    found = [Note("bad", text) for text in (*missing, *_undelivered(first))]
    found += [
        Note("bad", f"{unmatched_text(*each)}: its monitor can't fire here")
        for each in first.unmatched
    ]
    found += [Note("bad", text) for text in _cries_of_wolf(monitors)]
    found += [Note("bad", text) for text in _held_back(first, monitors)]
    found += [Note("gap", text) for text in _gaps(first)]
    found += [Note("unreadable", printable(text, limit=300)) for text in first.problems]
    return found + [
        Note("approximate", text) for text in approximations(passes) if text not in missing
    ]


def _unevaluated(rehearsed: Pass) -> Iterator[str]:
    for position, why in rehearsed.unevaluated.items():
        yield unevaluated_text(rehearsed.monitors[position], why)


def doubts(outcome: Outcome) -> str:
    """What makes a rehearsal that holds say less than it seems to; "" where nothing does."""
    if not outcome.passed or not outcome.passes:
        return ""
    first = outcome.passes[0]
    found = list(_undelivered(first)) if first.events else ["there is no event in it"]
    found += [count(len(first.gaps), "gap") + " in the events"] if first.gaps else []
    found += ["lines that can't be read"] if first.problems else []
    sensitive = sum(verdict.phase_sensitive for verdict in outcome.verdicts)
    found += [f"{count(sensitive, 'expectation')} at some phases only"] if sensitive else []
    return ", ".join(found)


def approximations(passes: Sequence[Pass]) -> list[str]:
    """What is not exactly Datadog's behaviour, each sentence once; safe to show."""
    texts = dict.fromkeys(text for each in passes for text in each.approximations)
    phases = [text for text in texts if text.startswith(_PHASE)]
    for text in phases[1:]:
        del texts[text]
    seconds = ", ".join(str(each.phase) for each in passes)
    together = (
        f"{_PHASE} evaluations lie {seconds} s past the full minute; Datadog's own is unknown"
    )
    return [
        printable(together if len(phases) > 1 and text == phases[0] else text, limit=400)
        for text in texts
    ]


def _undelivered(rehearsed: Pass) -> Iterator[str]:
    """That no monitor has seen anything: then whatever is never to happen doesn't."""
    model = rehearsed.delivery
    waits = model.batch_size > max(rehearsed.events, 1) and not model.flush_interval
    if rehearsed.events and (waits or model.latency >= rehearsed.end - rehearsed.start):
        which = "the event" if rehearsed.events == 1 else f"none of the {rehearsed.events:,} events"
        never = "never reaches" if rehearsed.events == 1 else "reaches"
        yield f"{which} {never} Datadog before the end: delivery {delivery_text(model)}"


def _cries_of_wolf(monitors: Sequence[Tested]) -> Iterator[str]:
    for each in monitors:
        false, alerts = each.worst.false_alerts or 0, each.worst.alerts
        if false >= _MANY_FALSE and 2 * false > alerts:
            name = printable(each.monitor.name, limit=120)
            which = "all" if false == alerts else f"{false}"
            yield f"{name} cries wolf: {which} of its {alerts} alerts are about no incident"


def _held_back(rehearsed: Pass, monitors: Sequence[Tested]) -> Iterator[str]:
    """Why a monitor of silence fires on a healthy stream: events wait for a full batch."""
    model = rehearsed.delivery
    if model.batch_size <= 1 or model.flush_interval:
        return
    below = [
        _suspected(each)
        for each in monitors
        if each.monitor.query.comparator.is_low and _may_be_wrong(each.worst)
    ]
    if below:
        yield (
            f"{', '.join(below)}: with delivery {printable(model.name, limit=60)} an event"
            f" waits until {model.batch_size} are together, so a quiet time looks like"
            " silence; rehearse with a flush interval (delivery watch) to tell them apart"
        )


def _suspected(each: Tested) -> str:
    """The monitor, and where no incidents are known that its alerts may all be wrong."""
    name = printable(each.monitor.name, limit=120)
    worst = each.worst
    if worst.false_alerts is not None:
        return name
    much = f"{count(worst.alerts, 'alert')}, {percent(worst.duty_cycle)} of the time"
    return f"{name} may cry wolf ({much})"


def _may_be_wrong(worst: Measures) -> bool:
    return bool(worst.alerts if worst.false_alerts is None else worst.false_alerts)


def _gaps(rehearsed: Pass) -> Iterator[str]:
    for gap in rehearsed.gaps[:_LISTED]:
        end = rehearsed.end if gap.end is None else gap.end
        lasted = duration_text(round(end - gap.start))
        reason = printable(gap.reason, limit=120)
        yield f"from {instant_text(gap.start)} for {lasted}: {reason}"
    if more := rehearsed.gaps[_LISTED:]:
        yield f"and {count(len(more), 'more gap')}"


def phase_text(verdict: Verdict, passes: Sequence[Pass]) -> str:
    """At which phases an expectation that may be phase-sensitive holds; "" where nothing is to say.

    The reason of one that fails says so itself.
    """
    if not verdict.phase_sensitive or not verdict.passed:
        return ""
    failed = ", ".join(f"{phase} s" for phase in verdict.phases_failed)
    holds = len(passes) - len(verdict.phases_failed)
    return f"phase-sensitive: holds at {holds} of {len(passes)} phases, not at {failed}; allowed"


def place(verdict: Verdict) -> str:
    """``path:line`` of an expectation; "" if it has none."""
    path, line = verdict.where
    return f"{printable(path, limit=300)}:{line}" if path and line else printable(path, limit=300)


def summary(outcomes: Sequence[Outcome], seconds: float | None = None) -> str:
    """The last line: ``12 rehearsals, 40 expectations: 1 failed in 3.2 s``.

    Args:
        outcomes: all of them.
        seconds: what they took together; by default the sum of what each took.
    """
    took = sum(each.seconds for each in outcomes) if seconds is None else seconds
    verdicts = [verdict for each in outcomes for verdict in each.verdicts]
    errors = sum(each.error is not None for each in outcomes)
    failed = sum(not verdict.passed for verdict in verdicts)
    if outcomes and not verdicts and not errors:
        return f"{_observed(outcomes)} in {took:.1f} s"
    what = f"{_many(len(outcomes), 'rehearsal')}, {_many(len(verdicts), 'expectation')}"
    broken = f", {errors} could not be run" if errors else ""
    return f"{what}: {failed} failed{broken} in {took:.1f} s"


def _observed(outcomes: Sequence[Outcome]) -> str:
    events = sum(each.passes[0].events for each in outcomes if each.passes)
    monitors = sum(len(each.passes[0].monitors) for each in outcomes if each.passes)
    return f"{_many(monitors, 'monitor')} over {_many(events, 'event')}, nothing expected"


def _many(amount: int, what: str) -> str:
    return f"{amount:,} {what}{'s' * (amount != 1)}"
