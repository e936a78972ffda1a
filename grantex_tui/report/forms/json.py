"""The report as JSON: everything there is, for programs. ``docs/rehearsal-json.md`` has the keys.

`data` has what it shares with the other reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.measure.measures import worst_of
from grantex_tui.rehearsal.measure.measuring import measure, measure_groups
from grantex_tui.report import data
from grantex_tui.report.blocks import VERSION
from grantex_tui.report.render.json import encoded
from grantex_tui.words.durations import instant_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.states import Notification, Transition
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Pass, Span
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.measure.measures import PassMeasures


def render(outcomes: Sequence[Outcome], *, seconds: float | None = None) -> bytes:
    """The report of all outcomes.

    Args:
        outcomes: what was run.
        seconds: what all of it took; by default the sum of what each took.
    """
    return encoded(report(outcomes, seconds))


def report(outcomes: Sequence[Outcome], seconds: float | None = None) -> dict[str, object]:
    """The same as plain data."""
    verdicts = [verdict for each in outcomes for verdict in each.verdicts]
    return {
        "version": VERSION,
        "kind": "rehearsal",
        "passed": all(each.passed for each in outcomes),
        "rehearsals": len(outcomes),
        "expectations": len(verdicts),
        "failed": sum(not verdict.passed for verdict in verdicts),
        "errors": sum(each.error is not None for each in outcomes),
        "seconds": sum(each.seconds for each in outcomes) if seconds is None else seconds,
        "outcomes": [_outcome(each) for each in outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    passes = outcome.passes
    measured = [measure(each) for each in passes]
    return {
        "rehearsal": outcome.rehearsal,
        "path": outcome.path,
        "line": outcome.line,
        "passed": outcome.passed,
        "error": outcome.error,
        "exit_code": int(outcome.exit_code),
        "seconds": outcome.seconds,
        "verdicts": [_verdict(each) for each in outcome.verdicts],
        "monitors": [_monitor(each) for each in passes[0].monitors] if passes else [],
        "incidents": [data.incident(each) for each in passes[0].incidents] if passes else [],
        "worst": {
            "total": data.measures(worst_of([each.total for each in measured])),
            "monitors": [
                data.measures(worst_of(own))
                for own in zip(*(each.monitors for each in measured), strict=True)
            ],
        }
        if passes
        else None,
        "passes": [_pass(each, own) for each, own in zip(passes, measured, strict=True)],
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "expectation": verdict.expectation,
        "kind": verdict.kind,
        "passed": verdict.passed,
        "reason": verdict.reason,
        "monitor": verdict.monitor,
        "path": verdict.where[0],
        "line": verdict.where[1],
        "phase_sensitive": verdict.phase_sensitive,
        "phases_failed": list(verdict.phases_failed),
        "explanation": verdict.explanation,
        "at": None if verdict.at is None else instant_text(verdict.at),
        "phase": verdict.phase,
    }


def _monitor(monitor: Monitor) -> dict[str, object]:
    critical = monitor.options.thresholds.critical
    return {
        "id": monitor.id,
        "name": monitor.name,
        "type": monitor.type,
        "query": monitor.query_text,
        "group_by": list(monitor.group_by),
        "comparator": monitor.query.comparator,
        "critical": monitor.query.threshold if critical is None else critical,
        "warning": monitor.options.thresholds.warning,
    }


def _pass(rehearsed: Pass, measured: PassMeasures) -> dict[str, object]:
    return {
        "source": rehearsed.source,
        "start": instant_text(rehearsed.start),
        "end": instant_text(rehearsed.end),
        "phase": rehearsed.phase,
        "events": rehearsed.events,
        "ticks": rehearsed.ticks,
        "delivery": _delivery(rehearsed.delivery),
        "gaps": [
            {
                "from": instant_text(gap.start),
                "to": None if gap.end is None else instant_text(gap.end),
                "reason": gap.reason,
            }
            for gap in rehearsed.gaps
        ],
        "problems": list(rehearsed.problems),
        "approximations": list(rehearsed.approximations),
        "unmatched": [{"query": query, "condition": term} for query, term in rehearsed.unmatched],
        "measures": {
            "total": data.measures(measured.total),
            "monitors": [
                data.measures(own) | {"groups": _groups(rehearsed, index)}
                for index, own in enumerate(measured.monitors)
            ],
        },
        "transitions": [_transition(each) for each in rehearsed.transitions],
        "spans": [_span(each) for each in rehearsed.spans],
        "notifications": [_notification(each) for each in rehearsed.notifications],
    }


def _delivery(model: DeliveryModel) -> dict[str, object]:
    return {
        "name": model.name,
        "batch_size": model.batch_size,
        "flush_interval": model.flush_interval,
        "latency": model.latency,
        "outages": [
            {"from": instant_text(start), "to": instant_text(end)} for start, end in model.outages
        ],
    }


def _groups(rehearsed: Pass, monitor: int) -> list[dict[str, object]]:
    if not rehearsed.monitors[monitor].group_by:
        return []
    measured = measure_groups(rehearsed, monitor)
    return [
        {"group": dict(group)} | data.measures(own, with_each=False)
        for group, own in measured.items()
    ]


def _transition(each: Transition) -> dict[str, object]:
    return {**_whose(each.index, each.group), **data.transition(each)}


def _span(span: Span) -> dict[str, object]:
    return {
        **_whose(span.monitor, span.group),
        "state": str(span.state),
        "from": instant_text(span.start),
        "to": instant_text(span.end),
    }


def _notification(told: Notification) -> dict[str, object]:
    cause = told.transition
    return {
        **_whose(cause.index, cause.group),
        "at": instant_text(cause.at),
        "kind": str(cause.kind),
        "notify": cause.notify,
        "recipients": list(told.recipients),
        "title": told.title,
        "body": told.body,
    }


def _whose(monitor: int, group: Group) -> dict[str, object]:
    return {"monitor": monitor, "group": dict(group)}
