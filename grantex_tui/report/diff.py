"""A comparison as a report: what the monitors of B say that those of A don't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import transition_text
from grantex_tui.report.blocks import Facts, Note, Paragraph, Report, Section, Table
from grantex_tui.report.columns import Column
from grantex_tui.report.data import instant, transition, trial
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.diff.diff import Comparison, Difference
    from grantex_tui.rehearsal.diff.edits import Edit
    from grantex_tui.rehearsal.sweep.trial import Trial
    from grantex_tui.report.blocks import Block
    from grantex_tui.report.data import Data

_LISTED = 12
_LONGEST = 100
_COLUMNS = (
    Column("monitor", left=True),
    Column("change", left=True),
    Column("alerts"),
    Column("a day"),
    Column("alert min"),
    Column("false"),
    Column("only A"),
    Column("only B"),
    Column("moved"),
)


def diff_report(told: Comparison, names: tuple[str, str]) -> Report:
    """The comparison: a table for a page, then what changed of each monitor.

    Args:
        told: the comparison.
        names: of A and of B.
    """
    changed = [each for each in told.differences if each.differs or each.edits]
    quiet = [each for each in told.differences if not each.differs and not each.edits]
    verdict = (
        "The monitors say something else."
        if told.differs
        else "The monitors say the same at the same instants."
    )
    blocks: list[Block] = [Paragraph(_head(told, names)), Paragraph(verdict)]
    if changed:
        blocks.append(Table(_COLUMNS, [_row(each, told) for each in changed], is_overview=True))
    blocks += [
        Section(printable(each.name, limit=200), [Facts(list(_facts(each, told)))])
        for each in changed
    ]
    if quiet:
        blocks.append(Paragraph(f"No difference: {_listed(quiet)}.", apart=True))
    blocks += [
        Note("approximate", printable(each, limit=400)) for each in told.passed.approximations
    ]
    return Report("diff", "Monitors compared", blocks, _data(told, names))


def _listed(some: list[Difference]) -> str:
    return ", ".join(printable(each.name, limit=80) for each in some)


def _head(told: Comparison, names: tuple[str, str]) -> str:
    passed = told.passed
    a, b = (printable(name, limit=200) for name in names)
    lasted = duration_text(round(passed.end - passed.start))
    source = printable(passed.source, limit=200)
    return (
        f"A: {a}; B: {b}; over {source}: {count(passed.events, 'event')} in {lasted}, "
        f"delivery {passed.delivery.name}"
        + (f", {len(told.phases)} phases" if len(told.phases) > 1 else "")
    )


def _facts(each: Difference, told: Comparison) -> Iterator[tuple[str, str]]:
    if each.a is None or each.b is None:
        yield "only in", "B" if each.a is None else "A"
    for edit in each.edits:
        yield "changed", edit_text(edit)
    if phases := phases_text(each, told):
        yield "phases", phases
    yield "noise", _noise(each, told)
    if each.lost:
        yield "misses", f"{_labels(each.lost)}, which A detects"
    if each.found:
        yield "detects", f"{_labels(each.found)}, which A misses"
    yield from _some("only in A", each.only_a)
    yield from _some("only in B", each.only_b)
    for place, (a, b) in enumerate(each.moved[:_LISTED]):
        yield "" if place else "moved", f"{transition_text(a)}, {moved_text(b.at - a.at)}"
    if each.moved[_LISTED:]:
        yield "", f"and {len(each.moved) - _LISTED} more"
    if each.same:
        yield "same", count(each.same, "transition")


def phases_text(each: Difference, told: Comparison) -> str:
    """At which phases it differs, and which is shown; "" if there is only one."""
    if len(told.phases) < 2 or not each.differs_at:
        return ""
    shown = f"shown is {each.phase} s past the full minute, where it differs the most"
    if len(each.differs_at) == len(told.phases):
        return f"differs at all {len(told.phases)}; {shown}"
    seconds = ", ".join(map(str, each.differs_at))
    return f"differs at {seconds} s of {len(told.phases)} phases; {shown}"


def _labels(labels: tuple[str, ...]) -> str:
    return ", ".join(printable(label, limit=60) for label in labels)


def _some(label: str, transitions: tuple[Transition, ...]) -> Iterator[tuple[str, str]]:
    for place, each in enumerate(transitions[:_LISTED]):
        yield "" if place else label, transition_text(each)
    if transitions[_LISTED:]:
        yield "", f"and {len(transitions) - _LISTED} more"


def edit_text(edit: Edit) -> str:
    """``critical 50 → 40``."""
    before, after = (printable(text, limit=_LONGEST) for text in (edit.before, edit.after))
    if edit.what == "message":
        return "message"
    return f"{edit.what} {before} → {after}"


def moved_text(seconds: float) -> str:
    """``2m later in B``."""
    return f"{duration_text(abs(seconds))} {'later' if seconds > 0 else 'earlier'} in B"


def _noise(each: Difference, told: Comparison) -> str:
    a, b = each.trial_a, each.trial_b
    parts = [
        f"alerts {_delta(*_both(a, b, 'alerts'))} ({_rates(a, b, told)} a day)",
        f"alert minutes {_delta(_minutes(a), _minutes(b))}",
        f"flaps {_delta(*_both(a, b, 'flaps'))}",
    ]
    if told.passed.incidents:
        parts.append(f"false alerts {_delta(*_both(a, b, 'false_alerts'))}")
    return ", ".join(parts)


def _both(a: Trial | None, b: Trial | None, name: str) -> tuple[float | None, float | None]:
    return tuple(None if trial is None else getattr(trial, name) for trial in (a, b))  # type: ignore[return-value]  # two of them


def _minutes(trial: Trial | None) -> float | None:
    return None if trial is None else round(trial.alert_seconds / 60)


def _delta(a: float | None, b: float | None) -> str:
    if a is None or b is None:
        return number(b if a is None else a)
    return number(a) if a == b else f"{number(a)} → {number(b)}"


def _rates(a: Trial | None, b: Trial | None, told: Comparison) -> str:
    days = told.days or 1.0
    rates = [None if trial is None else round(trial.alerts / days, 2) for trial in (a, b)]
    return _delta(rates[0], rates[1])


def _row(each: Difference, told: Comparison) -> list[str]:
    a, b = each.trial_a, each.trial_b
    alone = "new" if each.a is None else "removed" if each.b is None else ""
    return [
        printable(each.name, limit=80),
        alone or "; ".join(edit_text(edit) for edit in each.edits) or "none",
        _delta(*_both(a, b, "alerts")),
        _rates(a, b, told),
        _delta(_minutes(a), _minutes(b)),
        _delta(*_both(a, b, "false_alerts")) if told.passed.incidents else "-",
        str(len(each.only_a)),
        str(len(each.only_b)),
        str(len(each.moved)),
    ]


def _data(told: Comparison, names: tuple[str, str]) -> Data:
    passed = told.passed
    return {
        "a": names[0],
        "b": names[1],
        "source": passed.source,
        "start": instant(passed.start),
        "end": instant(passed.end),
        "events": passed.events,
        "delivery": passed.delivery.name,
        "phase": passed.phase,
        "phases": list(told.phases),
        "differs": told.differs,
        "monitors": [_json_difference(each) for each in told.differences],
        "approximations": list(passed.approximations),
    }


def _json_difference(each: Difference) -> Data:
    return {
        "monitor": each.name,
        "in_a": each.a is not None,
        "in_b": each.b is not None,
        "edits": [edit._asdict() for edit in each.edits],
        "only_a": [_transition(one) for one in each.only_a],
        "only_b": [_transition(one) for one in each.only_b],
        "moved": [
            {"a": _transition(a), "b": _transition(b), "seconds": b.at - a.at}
            for a, b in each.moved
        ],
        "same": each.same,
        "phase": each.phase,
        "differs_at": list(each.differs_at),
        "noise_a": _noise_of(each.trial_a),
        "noise_b": _noise_of(each.trial_b),
        "no_longer_detected": list(each.lost),
        "newly_detected": list(each.found),
    }


def _transition(each: Transition) -> Data:
    return {"group": dict(each.group), **transition(each)}


def _noise_of(found: Trial | None) -> Data | None:
    return None if found is None else trial(found, range(len(found.delays)))
