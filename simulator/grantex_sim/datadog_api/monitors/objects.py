"""Monitor objects as the API takes and gives them: Datadog's words for what is wrong, its replies.

Datadog: api/v1/monitors; the fields of a reply, and what is added to the options, as recorded from
the real API.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.replies import refused_by
from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.datadog.monitor.scanner import QueryError
from grantex_tui.datadog.monitor.validate import validate_monitor


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.problem import Problem

ORG_ID: Final = 51_000
CREATOR: Final = {
    "id": 51_001,
    "handle": "grantex-sim@example.com",
    "name": "grantex-sim",
    "email": "grantex-sim@example.com",
}
_MULTI: Final = re.compile(r"\.by\(|\bby\s*\{")
"""What makes a query a multi alert, in logs-like queries and in those of metrics."""
_COMPARISON: Final = re.compile(r"[<>=!]")
_LOG_LIKE: Final = frozenset(
    {
        "audit alert", "ci-pipelines alert", "ci-tests alert", "error-tracking alert",
        "event-v2 alert", "llm-observability alert", "log alert", "rum alert",
        "trace-analytics alert",
    }
)  # fmt: skip
_DEFAULTS: Final[dict[str, object]] = {"notify_audit": False, "include_tags": True, "silenced": {}}
_NEW_HOST_DELAY: Final = 300
"""Seconds."""
READ_ONLY: Final = frozenset(
    {
        "created", "created_at", "creator", "deleted", "id", "matching_downtimes", "modified",
        "multi", "org_id", "overall_state", "overall_state_modified", "state",
    }
)  # fmt: skip
"""Keys of a reply that a request may hold and that change nothing."""


@dataclass(slots=True)
class Held:
    """A monitor that was posted."""

    number: int
    fields: dict[str, object]
    """What can be written, as it was sent."""
    monitor: Monitor | None
    """None when its kind is taken and not evaluated here."""
    created: float
    modified: float

    @property
    def options(self) -> dict[str, object]:
        """Its options, as sent."""
        options = self.fields.get("options")
        return options if isinstance(options, dict) else {}

    @property
    def silent_until(self) -> float:
        """Until when nobody is told, for it is a draft or muted as a whole; -inf: it is neither."""
        if self.fields.get("draft_status") == "draft":
            return inf
        silenced = self.options.get("silenced")
        if not isinstance(silenced, dict) or "*" not in silenced:
            return -inf
        end = silenced["*"]
        return float(end) if isinstance(end, int | float) else inf


def writable(fields: Mapping[str, object]) -> dict[str, object]:
    """The keys that a request can set."""
    return {key: copy.deepcopy(value) for key, value in fields.items() if key not in READ_ONLY}


def named(fields: dict[str, object]) -> dict[str, object]:
    """*fields* with a name, which a request may leave out: "dynamic, based on query"."""
    return {"name": fields["query"], **fields} if fields.get("query") else fields


def read_fields(fields: dict[str, object]) -> Monitor | None:
    """The monitor that *fields* describe; None when Datadog takes it and nothing here evaluates it.

    Raises:
        RefusedError: Datadog would refuse it.
    """
    errors = [problem for problem in validate_monitor(fields) if problem.severity == "error"]
    if errors:
        raise refused_by(errors, _datadog_texts(fields, errors))
    try:
        return read_monitor(fields)
    except QueryError:
        return None


def _datadog_texts(fields: Mapping[str, object], errors: Sequence[Problem]) -> list[str]:
    query = fields.get("query")
    if isinstance(query, str) and query and not _COMPARISON.search(query):
        # What it tells first of a query that compares with nothing, and it tells one thing.
        problem = "invalid operator specified: "
        return [f"The value provided for parameter 'query' is invalid: {problem}"]
    return [_datadog_text(problem) for problem in errors]


def _datadog_text(problem: Problem) -> str:
    first = problem.message.partition("\n")[0]
    if problem.code in ("missing-key", "invalid-value"):
        return f"The value provided for parameter '{problem.where}' is invalid: {first}"
    return first


def asks_the_same(one: Monitor | None, other: Monitor | None) -> bool:
    """Whether they differ in words only, so that a state reached by one is the other's too."""
    return one is not None and other is not None and _conditions(one) == _conditions(other)


def _conditions(monitor: Monitor) -> tuple[object, ...]:
    options = replace(
        monitor.options,
        escalation_message="",
        include_tags=True,
        enable_logs_sample=False,
        unmodelled=(),
    )
    return monitor.type, monitor.query, options


def monitor_object(held: Held, state: str, since: float | None) -> dict[str, object]:
    """The monitor as replies give it; *state* is that of all groups, *since* its instant."""
    fields = held.fields
    return {
        "restricted_roles": None,
        "restriction_policy": None,
        "draft_status": "published",
        "tags": [],
        "message": "",
        "priority": None,
        **fields,
        "assets": _assets(held),
        "id": held.number,
        "options": _options(held),
        "multi": _is_multi(held),
        "created": _moment(held.created),
        "created_at": int(held.created * 1000),
        "modified": _moment(held.modified),
        "creator": CREATOR,
        "deleted": None,
        "org_id": ORG_ID,
        "overall_state": state,
        "overall_state_modified": None if since is None else _moment(since),
    }


def _options(held: Held) -> dict[str, object]:
    options: dict[str, object] = {**_DEFAULTS, **held.options}
    if "on_missing_data" not in options:
        options.setdefault("notify_no_data", False)
    if "new_group_delay" not in options:
        options.setdefault("new_host_delay", _NEW_HOST_DELAY)
    if held.fields.get("type") in _LOG_LIKE:
        options.setdefault("groupby_simple_monitor", False)
    thresholds = options.get("thresholds")
    if isinstance(thresholds, dict) and thresholds:
        options["thresholds"] = {key: _as_float(value) for key, value in thresholds.items()}
    elif held.monitor is not None:
        options["thresholds"] = {"critical": held.monitor.query.threshold}
    return options


def _is_multi(held: Held) -> bool:
    if held.monitor is not None:
        return bool(held.monitor.group_by)
    return bool(_MULTI.search(str(held.fields.get("query", ""))))


def _assets(held: Held) -> list[object]:
    """Runbooks and the like, and what the API adds to each."""
    assets = held.fields.get("assets")
    added = {"monitor_id": held.number, "template_variables": {}, "options": {}}
    return [
        added | asset if isinstance(asset, dict) else asset
        for asset in (assets if isinstance(assets, list) else [])
    ]


def _as_float(value: object) -> object:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(epoch: float) -> str:
    """As v1 writes it: microseconds and an offset."""
    return f"{rfc3339(epoch)[:-1]}000+00:00"
