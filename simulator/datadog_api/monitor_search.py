"""``/api/v1/monitor/search``: monitors by words of their names, and by status, type and tag.

Datadog: monitors/manage/search. Of its attributes ``status``, ``type``, ``tag``, ``id`` and
``title`` are known here, with the operators of a log search.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.message.handles import handles
from grantex_tui.datadog.search import SearchError, compile_query
from simulator.datadog_api.replies import refused


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simulator.datadog_api.monitor_objects import Held

    Objects = Sequence[tuple[Held, dict[str, object]]]


def found_page(objects: Objects, query: str, page: int, per_page: int) -> dict[str, object]:
    """One page of the monitors that *query* finds, and how many there are of each kind.

    Raises:
        RefusedError: It is no search.
    """
    try:
        matches = compile_query(query.lower().replace("title:", ""))
    except SearchError as error:
        raise refused(400, "Invalid query", error.message) from None
    found = [(held, shown) for held, shown in objects if matches(_as_log(held, shown))]
    chosen = found[page * per_page : (page + 1) * per_page]
    return {
        "monitors": [_result(held, shown) for held, shown in chosen],
        "metadata": {
            "page": page,
            "page_count": -(-len(found) // per_page),
            "per_page": per_page,
            "total_count": len(found),
        },
        "counts": _counts(found),
    }


def _as_log(held: Held, shown: dict[str, object]) -> Log:
    state = str(shown["overall_state"]).lower()
    tags = (f"id:{held.number}", f"type:{_kind(shown)}", *(f"tag:{tag}" for tag in _tags(shown)))
    return Log(message=str(shown.get("name", "")), status=state, tags=tags)


def _kind(shown: dict[str, object]) -> str:
    """``log`` for ``log alert``, as the search has it."""
    return str(shown["type"]).partition(" ")[0].lower()


def _tags(shown: dict[str, object]) -> list[str]:
    tags = shown.get("tags")
    return [str(tag).lower() for tag in tags] if isinstance(tags, list) else []


def _result(held: Held, shown: dict[str, object]) -> dict[str, object]:
    kept: tuple[str, ...] = ("id", "name", "query", "tags", "type", "org_id", "creator")
    return {
        **{key: shown.get(key) for key in kept},
        "status": shown["overall_state"],
        "classification": _kind(shown),
        "last_triggered_ts": _last_triggered(shown),
        "metrics": [],
        "notifications": [{"handle": handle, "name": handle} for handle in _handles(shown)],
        "scopes": list(held.monitor.group_by) if held.monitor else [],
    }


def _last_triggered(shown: dict[str, object]) -> int | None:
    """The newest instant of all groups."""
    state = shown.get("state")
    groups = state["groups"].values() if isinstance(state, dict) else ()
    return max((group.get("last_triggered_ts") or 0 for group in groups), default=0) or None


def _handles(shown: dict[str, object]) -> list[str]:
    """Those in the message, without the ``@``."""
    message = str(shown.get("message") or "")
    return [name.removeprefix("@") for name in handles([(message, True)])]


def _counts(found: Objects) -> dict[str, object]:
    def listed(names: Iterable[object]) -> list[dict[str, object]]:
        return [{"name": name, "count": count} for name, count in Counter(names).most_common()]

    shown = [each for _, each in found]
    return {
        "status": listed(each["overall_state"] for each in shown),
        "muted": listed(held.silent_until == inf for held, _ in found),
        "tag": listed(tag for each in shown for tag in _tags(each)),
        "type": listed(_kind(each) for each in shown),
    }
