"""What type each field of a monitor has in Datadog's API, and which values it takes.

Datadog: api/v1/monitors (schemas Monitor and MonitorOptions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from grantex_tui.datadog.problem import Problem


API = "Datadog: api/v1/monitors"
TYPES = (
    "audit alert", "ci-pipelines alert", "ci-tests alert", "composite", "cost alert",
    "data-quality alert", "database-monitoring alert", "error-tracking alert", "event alert",
    "event-v2 alert", "log alert", "metric alert", "network-performance alert",
    "network-path alert", "process alert", "query alert", "rum alert", "service check",
    "slo alert", "synthetics alert", "trace-analytics alert",
)  # fmt: skip
ON_MISSING_DATA = ("default", "show_no_data", "show_and_notify_no_data", "resolve")
RENOTIFY_STATUSES = ("alert", "warn", "no data")
_PRESETS = (
    "show_all", "hide_query", "hide_handles", "hide_all", "hide_query_and_handles",
    "show_only_snapshot", "hide_handles_and_footer",
)  # fmt: skip

_MISSPELT = 0.75
"""So alike, and one is the other with a slip; ``data-jobs`` and ``data-quality alert`` are 0.67."""
_Check = Callable[[object], str]
"""What a value should have been; empty when it is fine."""


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "a text"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _object(value: object) -> str:
    return "" if isinstance(value, Mapping) else "an object"


def _texts(value: object) -> str:
    fine = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if fine else "a list of texts"


def _objects(value: object) -> str:
    fine = isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
    return "" if fine else "a list of objects"


def _whole(least: int, most: int | None = None) -> _Check:
    bounds = f"of at least {least}" if most is None else f"between {least} and {most}"

    def check(value: object) -> str:
        fine = isinstance(value, int) and not isinstance(value, bool) and value >= least
        return (
            "" if fine and (most is None or int(str(value)) <= most) else f"a whole number {bounds}"
        )

    return check


def _one_of(choices: tuple[str, ...]) -> _Check:
    return lambda value: "" if value in choices else "one of " + ", ".join(map(repr, choices))


def _some_of(choices: tuple[str, ...]) -> _Check:
    def check(value: object) -> str:
        fine = isinstance(value, list) and all(item in choices for item in value)
        return "" if fine else "a list out of " + ", ".join(map(repr, choices))

    return check


def _type(value: object) -> str:
    """A type that Datadog documents, or one that it may have added: only a misspelt one is wrong."""
    if not isinstance(value, str):
        return "a text"
    near = [] if value in TYPES else get_close_matches(value, TYPES, 1, _MISSPELT)
    return repr(near[0]) if near else ""


def _anything(_value: object) -> str:
    return ""


_MONITOR: dict[str, _Check] = {
    "name": _text,
    "type": _type,
    "query": _text,
    "message": _text,
    "tags": _texts,
    "priority": _whole(0, 5),
    "options": _object,
    "restricted_roles": _texts,
    "restriction_policy": _object,
    "draft_status": _one_of(("draft", "published")),
    "id": _whole(0),
    **dict.fromkeys(
        (
            "assets", "created", "created_at", "creator", "deleted", "matching_downtimes",
            "modified", "multi", "org_id", "overall_state", "overall_state_modified", "state",
        ),
        _anything,
    ),
}  # fmt: skip
_OPTIONS: dict[str, _Check] = {
    "thresholds": _object,
    "threshold_windows": _object,
    "variables": _objects,
    "on_missing_data": _text,  # its values have a wording of their own
    "notify_no_data": _flag,
    "no_data_timeframe": _whole(1),
    "evaluation_delay": _whole(0, 86_400),
    "new_group_delay": _whole(0),
    "new_host_delay": _whole(0),
    "group_retention_duration": _text,
    "renotify_interval": _whole(0),
    "renotify_statuses": _some_of(RENOTIFY_STATUSES),
    "renotify_occurrences": _whole(0),
    "escalation_message": _text,
    "timeout_h": _whole(0, 24),
    "notify_by": _texts,
    "notify_audit": _flag,
    "include_tags": _flag,
    "enable_logs_sample": _flag,
    "enable_samples": _flag,
    "groupby_simple_monitor": _flag,
    "require_full_window": _flag,
    "locked": _flag,
    "silenced": _object,
    "scheduling_options": _object,
    "aggregation": _object,
    "min_failure_duration": _whole(0, 7200),
    "min_location_failed": _whole(0),
    "notification_preset_name": _one_of(_PRESETS),
    **dict.fromkeys(("device_ids", "synthetics_check_id", "assets"), _anything),
}
_REQUIRED = ("name", "type", "query")


def check_shape(obj: Mapping[str, object]) -> Iterator[Problem]:
    """Errors for missing fields and wrong types, advice for keys that the API does not know."""
    for key in _REQUIRED:
        if not obj.get(key):
            message = f"a monitor needs {key!r}"
            yield Problem("error", "missing-key", message, key, API, f"add {key!r}")
    yield from _fields(obj, _MONITOR, "", _REQUIRED)
    options = obj.get("options")
    if isinstance(options, Mapping):
        yield from _fields(options, _OPTIONS, "options.", ())


def _fields(
    obj: Mapping[str, object], checks: Mapping[str, _Check], prefix: str, required: tuple[str, ...]
) -> Iterator[Problem]:
    for key, value in obj.items():
        where = f"{prefix}{key}"
        check = checks.get(key)
        if check is None:
            close = get_close_matches(str(key), checks, 1)
            fix = f"did you mean {close[0]!r}?" if close else "remove it"
            message = (
                f"Invalid monitor option: {key}" if prefix else f"a monitor has no key {key!r}"
            )
            yield Problem("advice", "unknown-key", message, where, API, fix)
            continue
        if value is None or (not value and key in required):
            continue  # null is "not set"; an empty required text is told already
        if wanted := check(value):
            message = f"{where} must be {wanted}, not {_shown(value)}"
            yield Problem("error", "invalid-value", message, where, API, f"write {wanted}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
