"""``/api/v1/monitor/search`` and ``…/groups/search``: by words of names, status, type and tag.

Datadog: monitors/manage/search, api/v1/monitors. Of the attributes ``status``, ``type``, ``tag``,
``id`` and ``title`` are known here, of groups ``group`` and ``group_status`` too, with the
operators of a log search.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final, TypeVar

from grantex_sim.datadog_api.monitors.groups import STATES
from grantex_sim.datadog_api.replies import refused
from grantex_tui.datadog.log import Log
from grantex_tui.datadog.message.handles import handles
from grantex_tui.datadog.search import (
    And,
    Field,
    Glob,
    Literal,
    Not,
    Or,
    SearchError,
    Term,
    compile_node,
    parse,
    terms,
)


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from grantex_sim.datadog_api.monitors.groups import GroupObject
    from grantex_sim.datadog_api.monitors.objects import Held
    from grantex_tui.datadog.search import Node
    from grantex_tui.datadog.search.tree import Matcher

    Objects = Sequence[tuple[Held, dict[str, object]]]
    Column = Callable[["Row"], str]

_T = TypeVar("_T")
_TITLE: Final = Field.of("title")
_STATE_FIELDS: Final = (Field.of("status"), Field.of("group_status"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for.

    Raises:
        RefusedError: *query* is no search, or *sort* no order.
    """

    query: str
    page: int
    per_page: int
    sort: str
    """Such as ``name,asc``; empty: as they were posted."""

    def found(self, rows: Iterable[Row], columns: Mapping[str, Column]) -> Sequence[Row]:
        """Those of *rows* that the query finds, in the order asked for."""
        try:
            node = _without_case(parse(self.query))
        except SearchError as error:
            raise refused(400, "Invalid query", error.message) from None
        _check_states(node)
        matches = compile_node(node)
        found = [row for row in rows if matches(row.log)]
        if self.sort:
            field, _, direction = self.sort.partition(",")
            if field not in columns or direction not in ("", "asc", "desc"):
                words = f"sort is such as name,asc, of {', '.join(columns)}"
                raise refused(400, "Invalid sort", words)
            found.sort(key=columns[field], reverse=direction == "desc")
        return found

    def part(self, found: Sequence[_T]) -> Sequence[_T]:
        """What of *found* is on the page."""
        return found[self.page * self.per_page : (self.page + 1) * self.per_page]

    def metadata(self, found: Sequence[object]) -> dict[str, int]:
        """Where in *found* the page is."""
        return {
            "page": self.page,
            "page_count": -(-len(found) // self.per_page),
            "per_page": self.per_page,
            "total_count": len(found),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A monitor, or one of its groups, and the log as which it is searched."""

    held: Held
    shown: dict[str, object]
    log: Log
    group: GroupObject | None = None

    @property
    def status(self) -> str:
        """That of the group; without one, of the monitor."""
        return self.group["status"] if self.group else str(self.shown["overall_state"])


_COLUMNS: Final[dict[str, Column]] = {
    "name": lambda row: str(row.shown.get("name", "")),
    "status": lambda row: row.status,
    "tags": lambda row: ",".join(sorted(_tags(row.shown))),
}


def found_monitors(objects: Objects, asked: Asked) -> dict[str, object]:
    """One page of the monitors that are found, and how many there are of each kind.

    Raises:
        RefusedError: What is asked for can't be read.
    """
    rows = (Row(held, shown, _as_log(held, shown)) for held, shown in objects)
    found = asked.found(rows, _COLUMNS)
    return {
        "monitors": [_result(row.held, row.shown) for row in asked.part(found)],
        "metadata": asked.metadata(found),
        "counts": {
            "status": _counted(row.status for row in found),
            "muted": _counted(row.held.silent_until == inf for row in found),
            "tag": _counted(tag for row in found for tag in _tags(row.shown)),
            "type": _counted(_kind(row.shown) for row in found),
        },
    }


def found_groups(objects: Objects, asked: Asked) -> dict[str, object]:
    """One page of the groups that are found; a simple alert is one group, ``*``.

    Raises:
        RefusedError: What is asked for can't be read.
    """
    found = asked.found(_group_rows(objects), _COLUMNS)
    return {
        "groups": [_group_result(row, row.group) for row in asked.part(found) if row.group],
        "metadata": asked.metadata(found),
        "counts": {
            "status": _counted(row.status for row in found),
            "muted": _counted(row.held.silent_until == inf for row in found),
            "tag": _counted(tag for row in found for tag in _tags(row.shown)),
            "type": _counted(_kind(row.shown) for row in found),
        },
    }


def _without_case(node: Node) -> Node:
    """*node* in lower case, as the rows are; a monitor's title is its message here."""
    match node:
        case Term(field, matcher):
            return Term(_known_field(field), _lower(matcher))
        case Not(child):
            return Not(_without_case(child))
        case And(children):
            return And(tuple(map(_without_case, children)))
        case Or(children):
            return Or(tuple(map(_without_case, children)))
        case _:
            return node


def _lower(matcher: Matcher) -> Matcher:
    match matcher:
        case Literal(text):
            return Literal(text.lower())
        case Glob(parts):
            return Glob(tuple(part.lower() if isinstance(part, str) else part for part in parts))
        case _:
            return matcher


def _known_field(field: Field) -> Field:
    return Field.of("message") if field == _TITLE else Field(field.kind, field.name.lower())


def _check_states(node: Node) -> None:
    """Refuse a search for a state that there is not, which would silently find nothing."""
    for term in terms(node):
        if term.field in _STATE_FIELDS and isinstance(term.matcher, Literal):
            text = term.matcher.text
            if text not in STATES:
                words = f"it is one of {', '.join(STATES)}"
                said = f"Query parsing error: '{text}' is not a valid monitor status"
                raise refused(400, said, f"{said}; {words}")


def _group_rows(objects: Objects) -> Iterator[Row]:
    for held, shown in objects:
        state = shown.get("state")
        for group in state["groups"].values() if isinstance(state, dict) else ():
            log = _as_log(held, shown)
            more = (f"group:{group['name']}", f"group_status:{group['status']}")
            tags = (*log.tags, *map(str.lower, more))
            yield Row(held, shown, Log(message=log.message, status=log.status, tags=tags), group)


def _group_result(row: Row, group: GroupObject) -> dict[str, object]:
    return {
        "monitor_id": row.held.number,
        "monitor_name": row.shown.get("name", ""),
        "group": group["name"],
        "group_tags": group["name"].split(","),
        "status": group["status"],
        "last_triggered_ts": group.get("last_triggered_ts"),
        "last_nodata_ts": group.get("last_nodata_ts", 0),
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


def _counted(names: Iterable[object]) -> list[dict[str, object]]:
    return [{"name": name, "count": count} for name, count in Counter(names).most_common()]
