"""A comparison as text, Markdown and JSON."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.rehearsal.expect.about import transition_text
from grantex_tui.report.columns import Column, markdown, markdown_table, wrapped
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.diff.diff import Comparison, Difference
    from grantex_tui.rehearsal.diff.edits import Edit
    from grantex_tui.rehearsal.sweep.trial import Trial

SCHEMA_VERSION = 1
_LISTED = 12
_LABEL = 10
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


def diff_text(told: Comparison, names: tuple[str, str], width: int = 80) -> str:
    """The comparison for a terminal of *width* columns.

    Args:
        told: the comparison.
        names: of A and of B.
        width: in terminal cells.
    """
    lines = wrapped(_head(told, names), width, "  ")
    quiet = [each for each in told.differences if not each.differs and not each.edits]
    for each in told.differences:
        if each.differs or each.edits:
            lines += ["", *wrapped(printable(each.name, limit=200), width)]
            for label, text in _facts(each, told):
                first, *rest = wrapped(text, width - _LABEL - 4)
                lines.append(f"  {label:<{_LABEL}}{first}".rstrip())
                lines += [" " * (_LABEL + 2) + line for line in rest]
    if quiet:
        lines += ["", *wrapped(f"No difference: {_listed(quiet)}.", width, "  ")]
    return "\n".join(lines) + "\n"


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


def diff_markdown(told: Comparison, names: tuple[str, str]) -> str:
    """The comparison for a pull request: a table, then what changed, folded where it is long."""
    rows = [_row(each, told) for each in told.differences if each.differs or each.edits]
    verdict = (
        "The monitors say something else."
        if told.differs
        else "The monitors say the same at the same instants."
    )
    parts = [
        f"### Monitors over {markdown(printable(told.passed.source, limit=200))}",
        markdown(_head(told, names)) + ".",
        verdict,
    ]
    if rows:
        parts.append("\n".join(markdown_table(_COLUMNS, rows)))
    parts += [text for each in told.differences if (text := _details(each, told))]
    parts += [
        f"approximate: {markdown(printable(note, limit=400))}"
        for note in told.passed.approximations
    ]
    return "\n\n".join(parts) + "\n"


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


def _details(each: Difference, told: Comparison) -> str:
    phases = phases_text(each, told)
    lines = [
        *([f"- {phases}"] if phases else ()),
        *(f"- no longer detects **{markdown(printable(label))}**" for label in each.lost),
        *(f"- now detects **{markdown(printable(label))}**" for label in each.found),
        *(f"- only in A: {markdown(transition_text(one))}" for one in each.only_a[:_LISTED]),
        *(f"- only in B: {markdown(transition_text(one))}" for one in each.only_b[:_LISTED]),
        *(
            f"- moved: {markdown(transition_text(a))}, {moved_text(b.at - a.at)}"
            for a, b in each.moved[:_LISTED]
        ),
    ]
    lists = (each.only_a, each.only_b, each.moved)
    more = sum(max(0, len(some) - _LISTED) for some in lists)
    lines += [f"- and {more} more"] if more else []
    if not lines:
        return ""
    summary = escape(printable(each.name, limit=200))  # within HTML Markdown is none
    return "\n".join(["<details><summary>" + summary + "</summary>", "", *lines, "", "</details>"])


def diff_json(told: Comparison, names: tuple[str, str]) -> dict[str, object]:
    """The comparison as data; instants are RFC 3339, durations seconds."""
    passed = told.passed
    return {
        "version": SCHEMA_VERSION,
        "kind": "diff",
        "a": names[0],
        "b": names[1],
        "source": passed.source,
        "start": rfc3339(passed.start),
        "end": rfc3339(passed.end),
        "events": passed.events,
        "delivery": passed.delivery.name,
        "phase": passed.phase,
        "phases": list(told.phases),
        "differs": told.differs,
        "monitors": [_json_difference(each) for each in told.differences],
        "approximations": list(passed.approximations),
    }


def _json_difference(each: Difference) -> dict[str, object]:
    return {
        "monitor": each.name,
        "in_a": each.a is not None,
        "in_b": each.b is not None,
        "edits": [edit._asdict() for edit in each.edits],
        "only_a": [_json_transition(one) for one in each.only_a],
        "only_b": [_json_transition(one) for one in each.only_b],
        "moved": [
            {"a": _json_transition(a), "b": _json_transition(b), "seconds": b.at - a.at}
            for a, b in each.moved
        ],
        "same": each.same,
        "phase": each.phase,
        "differs_at": list(each.differs_at),
        "noise_a": _json_trial(each.trial_a),
        "noise_b": _json_trial(each.trial_b),
        "no_longer_detected": list(each.lost),
        "newly_detected": list(each.found),
    }


def _json_transition(each: Transition) -> dict[str, object]:
    return {
        "at": rfc3339(each.at),
        "from": str(each.source),
        "to": str(each.destination),
        "value": each.value,
        "group": dict(each.group),
    }


def _json_trial(trial: Trial | None) -> dict[str, object] | None:
    if trial is None:
        return None
    return {
        "alerts": trial.alerts,
        "alert_seconds": trial.alert_seconds,
        "warnings": trial.warnings,
        "flaps": trial.flaps,
        "false_alerts": trial.false_alerts,
    }
