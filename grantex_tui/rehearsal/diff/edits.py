"""What of a monitor's definition was changed, as far as it is evaluated or told."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.model import AnomalyQuery, FormulaQuery, LogAlertQuery
from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.rehearsal.sweep.variants import setting_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.monitor.model import Monitor, Query


class Edit(NamedTuple):
    """One thing that is not the same."""

    what: str
    before: str
    after: str


def edits(a: Monitor, b: Monitor) -> tuple[Edit, ...]:
    """What differs between two versions of a monitor."""
    before, after = dict(_described(a)), dict(_described(b))
    return tuple(
        Edit(what, before.get(what, "-"), after.get(what, "-"))
        for what in dict.fromkeys((*before, *after))
        if before.get(what) != after.get(what)
    )


def _described(monitor: Monitor) -> Iterator[tuple[str, str]]:
    setting, options = setting_of(monitor), monitor.options
    yield "name", monitor.name
    yield "query", _query(monitor.query)
    yield "comparator", monitor.query.comparator
    for each in fields(setting.thresholds):
        value = getattr(setting.thresholds, each.name)
        yield each.name, "-" if value is None else f"{value:.9g}"
    yield "window", span_text(setting.window, "mhd")
    if isinstance(monitor.query, AnomalyQuery):
        for name in ("algorithm", "deviations", "direction", "interval", "seasonality"):
            yield name, str(getattr(monitor.query, name))
    for option in fields(options):
        if option.name != "thresholds":
            yield option.name, str(getattr(options, option.name))
    yield "message", monitor.message


def _query(query: Query) -> str:
    """What is asked, without what has a line of its own."""
    if isinstance(query, LogAlertQuery):
        asked = query.query
        measure = f" of {asked.measure}" if asked.measure else ""
        by = f" by {', '.join(asked.group_by)}" if asked.group_by else ""
        return f"{asked.method}{measure} of {asked.search!r}{by}"
    if isinstance(query, FormulaQuery):
        return f"{query.formula} over {query.variables}"
    return f"{query.metric}"
