"""What a rehearsal is exact about, what it approximates, and what nobody outside Datadog knows.

A simulation that diverges in silence is worse than none, so this is said in the output: the whole
table by ``--fidelity``, and with every result the part of it that the result rests on.
"""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Literal, NamedTuple

from grantex_tui.monitoring.definitions import approximations


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.events.gap import Gap
    from grantex_tui.rehearsal.engine.model import DeliveryModel
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan

Claim = Literal["exact", "approximate", "unknown"]


class Fidelity(NamedTuple):
    """How a part of Datadog's behaviour is matched."""

    feature: str
    documented: bool
    """Whether Datadog's pages say how it behaves."""
    claim: Claim
    note: str = ""


YES, NO = True, False
FIDELITY: tuple[Fidelity, ...] = (
    Fidelity("log search syntax", YES, "exact", "as documented for the log explorer"),
    Fidelity("count, sum, avg, min, max over a window", YES, "exact"),
    Fidelity(
        "cardinality, median, percentiles",
        YES,
        "approximate",
        "Datadog estimates them from sketches; here they are exact",
    ),
    Fidelity("evaluation every 1, 10 or 30 minutes", YES, "exact"),
    Fidelity(
        "when within the minute it evaluates",
        NO,
        "unknown",
        "choose the phase, or sweep all phases",
    ),
    Fidelity(
        "edges of a window",
        NO,
        "approximate",
        "(t - window, t] on the log's date, in milliseconds",
    ),
    Fidelity(
        "the log's date",
        YES,
        "exact",
        "pipelines, date remapper, 18 h back to 2 h ahead; else the intake's time",
    ),
    Fidelity(
        "when a log can be counted",
        NO,
        "approximate",
        "from its arrival on, as the delivery model has it; Datadog's own processing takes"
        " seconds more: latency or evaluation_delay",
    ),
    Fidelity("evaluation_delay", YES, "exact"),
    Fidelity(">, >=, <, <=, ==, != and the four thresholds", YES, "exact"),
    Fidelity("on_missing_data", YES, "exact", "and no alert for No Data before the first data"),
    Fidelity(
        "notify_no_data, no_data_timeframe",
        YES,
        "approximate",
        "counted from the last evaluation with data",
    ),
    Fidelity("below a threshold with a group by", YES, "exact"),
    Fidelity(
        "limits of groups (1000, 30, 10, 5)", YES, "approximate", "ties go by the groups' names"
    ),
    Fidelity("simple and multi alerts, notify_by", YES, "exact"),
    Fidelity(
        "new_group_delay", YES, "approximate", "from the first evaluation that finds the group"
    ),
    Fidelity(
        "group_retention_duration",
        YES,
        "approximate",
        "a triggered group that leaves recovers in silence",
    ),
    Fidelity(
        "renotify_interval, renotify_occurrences",
        YES,
        "approximate",
        "both start anew with every transition",
    ),
    Fidelity(
        "timeout_h (auto-resolve)", YES, "approximate", "from the first evaluation without data"
    ),
    Fidelity(
        "formulas over several queries",
        YES,
        "approximate",
        "joined by group; no logs is 0 for count and sum; no value where it divides by 0",
    ),
    Fidelity("messages: variables, conditions, recipients", YES, "exact", "links as far as known"),
    Fidelity(
        "anomalies()",
        NO,
        "approximate",
        "the algorithms are not published: ours follow the pages' words",
    ),
    Fidelity(
        "indexes, exclusion filters, quotas",
        YES,
        "unknown",
        "every log counts; what your account leaves out is not in the recording",
    ),
    Fidelity(
        "custom schedules, calendar windows",
        YES,
        "unknown",
        "a monitor with scheduling_options is not evaluated, and its expectations fail",
    ),
    Fidelity("downtimes and mutes", YES, "unknown", "taken as none"),
    Fidelity("gaps of a recording", NO, "unknown", "what was missed is taken as silence"),
)

_NAMED = 3
_ESTIMATED = frozenset({"cardinality", "median", "pc75", "pc90", "pc95", "pc98", "pc99"})


def approximations_of(
    plan: RehearsalPlan,
    delivery: DeliveryModel,
    phase: int | Sequence[int] = 0,
    gaps: Sequence[Gap] = (),
    repeated: int = 0,
) -> list[str]:
    """What a pass, or one at each of several phases, can't know or only approximates.

    One sentence each.

    Args:
        plan: its monitors and pipelines.
        delivery: the model of the delivery.
        phase: seconds past the full minute at which it evaluates; or those of all passes.
        gaps: of its recording.
        repeated: events that more than one recording held.
    """
    if not plan.monitors:
        return []
    seconds = str(phase) if isinstance(phase, int) else ", ".join(map(str, phase))
    return [
        f"phase: evaluations lie {seconds} s past the full minute; Datadog's own is unknown",
        "window: (t - window, t] on the log's date; Datadog's edges are not documented",
        f"delivery: {_delivery_text(delivery)}; Datadog's own processing is not modelled",
        *_of_options(plan.monitors),
        *plan.left_out,
        *approximations(plan.monitors, plan.pipelines, plan.metrics),
        *_of_gaps(gaps),
        *_of_repeated(repeated),
    ]


def _delivery_text(model: DeliveryModel) -> str:
    if model.batch_size <= 1 and not model.latency and not model.outages:
        return "each event counts at once"
    timer = f"{model.flush_interval:g} s" if model.flush_interval else "no timer"
    text = f"batches of {model.batch_size}, {timer}"
    text += f", {model.latency:g} s on the way" if model.latency else ""
    count = len(model.outages)
    text += f", {count} outage{'s' if count > 1 else ''}" if count else ""
    return text + (", createdAt as timestamp" if model.entry_date else "")


def _of_options(monitors: Sequence[Monitor]) -> Iterator[str]:
    for label, note, names in (
        (
            "estimates",
            "Datadog's are from sketches, ours exact",
            [
                m.name
                for m in monitors
                if any(q.method in _ESTIMATED for q in m.query.log_queries.values())
            ],
        ),
        (
            "formula",
            "how Datadog joins and divides is our choice where it says nothing",
            [m.name for m in monitors if m.query.formula],
        ),
        (
            "no data",
            "when it is declared is counted from the last evaluation with data",
            [m.name for m in monitors if m.options.notify_no_data],
        ),
        (
            "renotify",
            "the interval starts anew with every transition",
            [m.name for m in monitors if m.options.renotify_interval],
        ),
        (
            "auto-resolve",
            "timeout_h counts from the first evaluation without data",
            [m.name for m in monitors if m.options.timeout_h],
        ),
        (
            "groups",
            "when a group is new, and when it is forgotten, is approximate",
            [m.name for m in monitors if m.group_by],
        ),
    ):
        if names:
            more = f" and {len(names) - _NAMED} more" if names[_NAMED:] else ""
            yield f"{label}: {note}: {', '.join(names[:_NAMED])}{more}"


def _of_repeated(events: int) -> Iterator[str]:
    if events:
        several = "1 event is" if events == 1 else f"{events:,} events are"
        yield f"recordings: {several} in more than one of them: taken once"


def _of_gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    if gaps:
        seconds = sum(gap.end - gap.start for gap in gaps if gap.end is not None)
        several = "a gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
        yield f"gaps: {several} of {seconds:,.0f} s in the recording: taken as silence"


_LEAST = 72
_CLAIM, _SAID = 13, 6


def render_fidelity(width: int = 80) -> str:
    """The table for people, *width* columns wide; under 72 it stays at that."""
    width = max(width, _LEAST)
    feature = min(44, width * 3 // 8)
    note = width - feature - _CLAIM - _SAID - 1
    lines = [
        _line("Datadog's behaviour", "here", "docs", "how", feature),
        "-" * width,
    ]
    for row in FIDELITY:
        cells = zip_longest(
            wrap(row.feature, feature, break_on_hyphens=False),
            [row.claim],
            ["yes" if row.documented else "no"],
            wrap(row.note, note, break_on_hyphens=False),
            fillvalue="",
        )
        lines += [_line(*line, feature) for line in cells]
    return "\n".join(lines)


def _line(feature: str, claim: str, said: str, note: str, width: int) -> str:
    return f"{feature:<{width}} {claim:<{_CLAIM}}{said:<{_SAID}}{note}".rstrip()
