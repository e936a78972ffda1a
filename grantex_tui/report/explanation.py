"""An explanation as a report: the state, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.expect.about import group_text
from grantex_tui.rehearsal.explain.events import SHOWN
from grantex_tui.report.blocks import Facts, Note, Paragraph, Report
from grantex_tui.report.explanation_data import explanation_data
from grantex_tui.report.sweep_words import window_text
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text, instant_text
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.explain.explanation import (
        BandPoint,
        Change,
        End,
        Explanation,
        Place,
    )
    from grantex_tui.report.blocks import Block

_ABSENT = {
    Absent.KEEP: "the state stays as it is",
    Absent.SHOW: "No Data, and nobody is told",
    Absent.NOTIFY: "No Data, and people are told",
    Absent.RESOLVE: "it is OK",
}


def explanation_report(told: Explanation) -> Report:
    """The explanation of one evaluation."""
    blocks: list[Block] = [Paragraph(_headline(told)), Facts(list(_facts(told)))]
    blocks += [Note("approximate", printable(each, limit=400)) for each in told.approximations]
    return Report("explanation", "Explanation", blocks, explanation_data(told))


def _headline(told: Explanation) -> str:
    name = printable(told.monitor.name, limit=200)
    group = f" {group_text(told.group)}" if told.group else ""
    text = f"{name}{group}: {told.state} at {both_texts(told.at, told.start)}"
    if told.since is not None and told.since < told.at:
        text += f", since {instant_text(told.since)} ({duration_text(told.at - told.since)})"
    elif told.changed is not None and told.before is not told.state:
        text += f", before that {told.before}"
    return text


def _facts(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.after_end:
        asked = instant_text(told.asked)
        yield "asked", f"about {asked}, which is after the end; this is the last evaluation"
    yield "value", _value(told)
    if told.held:
        yield "held", f"in {told.state} by a recovery threshold; the value alone would not do that"
    yield "window", _window(told)
    yield "counted", count(told.counted, "event") + _by_query(told)
    yield from _shares(told)
    yield from _events("", told.events, told.counted, told)
    yield from _tipped(told)
    yield from _band(told)
    yield from _silence(told)
    yield from _late(told)
    yield from _ending(told)
    yield from _renotify(told)
    yield from _missed(told)
    if told.group_count > 1:
        yield "groups", _others(told)
    if len(told.phases) > 1:
        yield "phases", _phases(told)


def _phases(told: Explanation) -> str:
    """``Alert at 0, 10 s past the full minute, OK at 20, 30, 40, 50 s; 0 s is explained``."""
    by_state: dict[str, list[str]] = {}
    for each in told.phases:
        by_state.setdefault(str(each.state), []).append(str(each.phase))
    if len(by_state) == 1:
        return f"{told.state} at all {len(told.phases)}; {told.phase} s past the full minute is explained"
    parts = [f"{state} at {', '.join(phases)} s" for state, phases in by_state.items()]
    return f"{'; '.join(parts)} past the full minute; {told.phase} s is explained"


def _value(told: Explanation) -> str:
    limits = told.thresholds
    names = (
        ("critical", limits.critical),
        ("warning", limits.warning),
        ("critical recovery", limits.critical_recovery),
        ("warning recovery", limits.warning_recovery),
    )
    thresholds = ", ".join(f"{name} {number(value)}" for name, value in names if value is not None)
    unit = " of the points outside" if told.monitor.query.finds is Finds.FRACTIONS else ""
    if told.absent is not None:
        return f"none: {_ABSENT[told.absent]} ({told.comparator}; {thresholds})"
    return f"{number(told.value)}{unit}, compared by {told.comparator} with {thresholds}"


def _window(told: Explanation) -> str:
    after, until = told.window
    text = f"({instant_text(after)}, {instant_text(until)}]"
    return f"{text}, {window_text(round(until - after))} on the log's date"


def _by_query(told: Explanation) -> str:
    """Of a formula: how many events each of its queries counts, which may be the same."""
    if not told.by_query:
        return ""
    return ": " + ", ".join(f"{printable(name, limit=40)} {n}" for name, n in told.by_query)


def _shares(told: Explanation) -> Iterator[tuple[str, str]]:
    by_name: dict[str, list[str]] = {}
    for share in told.shares:
        text = f"{printable(share.value, limit=60)} {share.count}"
        by_name.setdefault(share.name, []).append(text)
    for name, texts in by_name.items():
        yield f"  {name}", ", ".join(texts)


def _events(
    label: str, events: Sequence[Place], everything: int, told: Explanation
) -> Iterator[tuple[str, str]]:
    for place, event in enumerate(events):
        if place == SHOWN and everything > len(events):
            yield "", f"… {everything - len(events)} more …"
        yield label if not place else "", _place(event, told)


def _place(event: Place, told: Explanation) -> str:
    text = f"{instant_text(event.dated)[11:-1]} {printable(event.type, limit=60)} "
    text += printable(event.id, limit=60)
    if event.arrived is None:
        text += ", not arrived yet"
    elif event.arrived > told.at:
        text += f", arrives {duration_text(round(event.arrived - told.at, 1))} later"
    elif event.arrived - event.received >= 60:
        text += f", arrived {duration_text(round(event.arrived - event.received))} late"
    return f"{text} ({printable(event.offset, limit=200)})" if event.offset else text


def _tipped(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.tipped is None or (told.counted < 2 and not told.tipped_by_leaving):
        return
    how = "leaving the window, " if told.tipped_by_leaving else ""
    before = "no value" if told.tipped_from is None else number(told.tipped_from)
    yield "tipped by", f"{_place(told.tipped, told)}: {how}{before} → {number(told.tipped_to)}"


def _band(told: Explanation) -> Iterator[tuple[str, str]]:
    """Of an anomaly monitor: its points, the one that tipped it, and what the band rests on."""
    band = told.band
    if band is None:
        return
    each = (
        f", each {duration_text(band.points[0].end - band.points[0].start)}" if band.points else ""
    )
    gaps = len(band.points) - band.known
    without = f", {count(gaps, 'interval')} without one" if gaps else ""
    yield "points", f"{band.outside} of {band.known} outside the band{each}{without}"
    if band.missed:
        yield "", f"{count(band.missed, 'event')} came after their point was judged"
    shown = list(band.points)
    for place, point in enumerate(shown):
        if SHOWN <= place < len(shown) - SHOWN and len(shown) > 3 * SHOWN:
            if place == SHOWN:
                yield "", f"… {len(shown) - 2 * SHOWN} more …"
            continue
        yield "", _point(point)
    if band.tipped is not None:
        yield "tipped by", f"the point {_point(band.tipped)}"
    yield "rests on", printable(band.rests_on, limit=200)


def _point(point: BandPoint) -> str:
    text = f"{instant_text(point.end)[11:-1]} "
    text += "no log" if point.count is None else number(point.count)
    if point.lower is None:
        return f"{text}, no band yet"
    upper = "any" if point.upper is None else _bound(point.upper)
    text += f", band {_bound(point.lower)} to {upper}"
    return text + (f": {point.side}" if point.side else "")


def _bound(value: float) -> str:
    return f"{value:.4g}"


def _silence(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.silence is None:
        return
    gap = duration_text(round(told.silence.gap))
    if told.silence.last is None:
        yield "silence", f"nothing that it counts since the beginning, {gap} before"
    else:
        yield "silence", f"{gap} since the last event, {_place(told.silence.last, told)}"


def _late(told: Explanation) -> Iterator[tuple[str, str]]:
    if not told.late:
        return
    what = "event of this window" if told.late == 1 else "events of this window"
    text = f"{told.late} {what} had happened, but not arrived ({_delivery(told)})"
    if told.value_with_late is not None:
        them = "it" if told.late == 1 else "them"
        text += f"; with {them} the value would be {number(told.value_with_late)}"
    yield "late", text
    yield from _events("", told.late_events[:SHOWN], min(told.late, SHOWN), told)


def _delivery(told: Explanation) -> str:
    model = told.delivery
    timer = f"{number(model.flush_interval)} s" if model.flush_interval else "no timer"
    return f"delivery {model.name}: batches of {model.batch_size}, {timer}"


def _ending(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.end is not None:
        yield "ends", f"{_end(told.end, told)}, should {_further(told)}"
    elif told.endless:
        yield (
            "ends",
            "not by itself: should nothing more come there is no value, and the state stays",
        )
    if told.next is not None:
        when = f"{instant_text(told.next.at)}, {duration_text(told.next.at - told.at)} later"
        yield "next", f"{told.next.destination} at {when}{_with_value(told.next.value)}"


def _further(told: Explanation) -> str:
    return "nothing more come" if told.band is None else "all further points be inside"


def _end(end: End, told: Explanation) -> str:
    text = f"{end.state} at {instant_text(end.at)} ({duration_text(end.at - told.at)} later)"
    text += _with_value(end.value)
    if end.leaving is not None:
        text += f", once {printable(end.leaving.id, limit=60)} has left the window"
    return text


def _with_value(value: float | None) -> str:
    return "" if value is None else f", value {number(value)}"


def _renotify(told: Explanation) -> Iterator[tuple[str, str]]:
    again = told.renotify
    if again is None:
        return
    if again.told_at is None:
        yield "told", "nobody was told of this state"
        return
    text = f"at {instant_text(again.told_at)}"
    if again.times:
        text += f", repeated {count(again.times, 'time')}"
    if again.next_at is None:
        yield "told", f"{text}; not again ({again.most} repetitions at most)"
    else:
        most = "" if again.most is None else f", at most {count(again.most, 'time')} in all"
        yield "told", f"{text}; again at {instant_text(again.next_at)} if it lasts{most}"


def _missed(told: Explanation) -> Iterator[tuple[str, str]]:
    for place, change in enumerate(told.changes):
        yield "" if place else "fires with", _change(change, told)
    if told.miss is not None:
        limit = number(told.thresholds.critical)
        when = "now" if told.miss.at == told.at else f"at {both_texts(told.miss.at, told.start)}"
        yield (
            "nearest",
            f"{number(told.miss.value)} {when}, {number(told.miss.distance)} off {limit}",
        )


def _change(change: Change, told: Explanation) -> str:
    if change.setting == "window":
        before, after = window_text(int(change.before)), window_text(int(change.after))
        return f"a window of {after} instead of {before}: {number(change.value)}"
    strict = told.comparator.is_strict and change.after == change.value
    side = ("above " if told.comparator.is_low else "below ") if strict else ""
    return f"critical {side}{number(change.after)} instead of {number(change.before)}"


def _others(told: Explanation) -> str:
    shown = [
        f"{group_text(group)} {state}{_with_value(value)}" for group, state, value in told.groups
    ]
    more = told.group_count - 1 - len(shown)
    return f"{told.group_count} in all; " + "; ".join(shown) + (f" and {more} more" if more else "")
