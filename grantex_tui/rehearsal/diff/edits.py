"""What of a monitor's definition was changed, as far as it is evaluated or told."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.rehearsal.sweep.variants import setting_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.monitor.model import Monitor


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
    yield "query", monitor.query.asked
    yield "comparator", monitor.query.comparator
    for each in fields(setting.thresholds):
        value = getattr(setting.thresholds, each.name)
        yield each.name, "-" if value is None else f"{value:.9g}"
    yield "window", span_text(setting.window, "mhd")
    yield from monitor.query.details.items()
    for option in fields(options):
        if option.name != "thresholds":
            yield option.name, str(getattr(options, option.name))
    yield "message", monitor.message
