"""``/api/v1/monitor``: monitors posted, read, changed, deleted (Datadog: api/v1/monitors)."""

from __future__ import annotations

from itertools import count
from math import inf
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.monitors.groups import group_object, wanted_states
from grantex_sim.datadog_api.monitors.objects import (
    Held,
    asks_the_same,
    monitor_object,
    named,
    read_fields,
    writable,
)
from grantex_sim.datadog_api.monitors.search import Asked, found_groups, found_monitors
from grantex_sim.datadog_api.replies import not_found, refused, reply
from grantex_sim.http.numbers import whole_number
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_sim.datadog_api.monitors.alerting import Alerting
    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.http.wire import Request, Response
    from grantex_tui.clock import Clock

    Silenced = dict[str, object]
    """Scope, ``*`` for the whole monitor, and the instant until which it is muted, if it ends."""

_FIRST_ID: Final = 51_000_001
_PAGE: Final = 100
_FOUND: Final = 30
"""Results on a page of a search."""
_MOST: Final = 1_000
_ALL: Final = frozenset({"all"})
_LAST_INSTANT: Final = 1 << 40


class Monitors:
    """Keeps the monitors and has them evaluated."""

    def __init__(self, alerting: Alerting, clock: Clock) -> None:
        self._alerting = alerting
        self._clock = clock
        self._held: dict[int, Held] = {}
        self._numbers = count(_FIRST_ID)
        self._all_muted_since: float | None = None

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        return {
            "POST /api/v1/monitor": self._create,
            "GET /api/v1/monitor": self._list,
            "POST /api/v1/monitor/validate": self._validate,
            "GET /api/v1/monitor/search": self._search,
            "GET /api/v1/monitor/groups/search": self._search_groups,
            "GET /api/v1/monitor/can_delete": self._can_delete,
            "GET /api/v1/monitor/{}": self._get,
            "PUT /api/v1/monitor/{}": self._update,
            "DELETE /api/v1/monitor/{}": self._delete,
            "POST /api/v1/monitor/{}/validate": self._validate_existing,
            "POST /api/v1/monitor/mute_all": self._mute_all,
            "POST /api/v1/monitor/unmute_all": self._unmute_all,
            "POST /api/v1/monitor/{}/mute": self._mute,
            "POST /api/v1/monitor/{}/unmute": self._unmute,
        }

    def restart(self) -> None:
        """Every monitor starts anew, without data."""
        for held in self._held.values():
            self._evaluate(held)

    def metric_changed(self, name: str) -> None:
        """The log-based metric *name* is another one now, or gone: what it was for starts anew."""
        for held in self._held.values():
            band = held.monitor.query.band if held.monitor else None
            if band is not None and band.metric.metric == name:
                self._evaluate(held)

    def _create(self, request: Request) -> Response:
        fields = named(writable(read_object(request.body)))
        monitor = read_fields(fields)
        now = self._clock.now()
        held = Held(next(self._numbers), fields, monitor, now, now)
        self._held[held.number] = held
        self._evaluate(held)
        return reply(self._object(held))

    def _validate(self, request: Request) -> Response:
        read_fields(named(writable(read_object(request.body))))
        return reply({})

    def _validate_existing(self, request: Request, number: str) -> Response:
        self._find(number)
        return self._validate(request)

    def _get(self, request: Request, number: str) -> Response:
        held = self._find(number)
        self._alerting.advance(self._clock.now())
        found = self._object(held, wanted_states(request.parameter("group_states")))
        return reply(found | _downtimes(request))

    def _update(self, request: Request, number: str) -> Response:
        held = self._find(number)
        fields = {**held.fields, **writable(read_object(request.body))}
        if fields.get("type") != held.fields.get("type"):
            text = "The value provided for parameter 'type' is invalid: it can't be changed"
            raise refused(400, text)
        monitor = read_fields(fields)
        before, held.monitor, held.fields = held.monitor, monitor, fields
        held.modified = self._clock.now()
        evaluation = self._alerting.evaluation(held.number)
        if monitor is not None and evaluation is not None and asks_the_same(before, monitor):
            self._alerting.advance(held.modified)
            evaluation.replace(monitor)
            self._alerting.silence(held.number, self._silent_until(held))
        else:
            self._evaluate(held)
        return reply(self._object(held))

    def _mute(self, request: Request, number: str) -> Response:
        asked = Reader(read_object(request.body))
        end = asked.whole("end", 0, _LAST_INSTANT, 0) or None
        return self._silence(number, lambda silenced: silenced | {asked.text("scope", "*"): end})

    def _unmute(self, request: Request, number: str) -> Response:
        asked = Reader(read_object(request.body))
        scope = asked.text("scope", "*")
        if asked.fields.get("all_scopes") is True:
            return self._silence(number, lambda _silenced: {})
        return self._silence(
            number, lambda silenced: {key: end for key, end in silenced.items() if key != scope}
        )

    def _mute_all(self, _request: Request) -> Response:
        now = self._clock.now()
        if self._all_muted_since is not None:
            raise refused(400, "A downtime for all monitors is there already")
        self._silence_all(now)
        return reply(
            {
                "id": next(self._numbers),
                "active": True,
                "disabled": False,
                "start": int(now),
                "end": None,
                "scope": ["*"],
                "monitor_id": None,
                "message": None,
            }
        )

    def _unmute_all(self, _request: Request) -> Response:
        if self._all_muted_since is None:
            raise refused(400, "There is no downtime for all monitors")
        self._silence_all(None)
        return reply({})

    def _silence_all(self, since: float | None) -> None:
        self._alerting.advance(self._clock.now())
        self._all_muted_since = since
        for held in self._held.values():
            self._alerting.silence(held.number, self._silent_until(held))

    def _silent_until(self, held: Held) -> float:
        return held.silent_until if self._all_muted_since is None else inf

    def _silence(self, number: str, change: Callable[[Silenced], Silenced]) -> Response:
        held = self._find(number)
        self._alerting.advance(self._clock.now())
        before = held.options.get("silenced")
        silenced = change(before if isinstance(before, dict) else {})
        held.fields = {**held.fields, "options": {**held.options, "silenced": silenced}}
        self._alerting.silence(held.number, self._silent_until(held))
        return reply(self._object(held))

    def _delete(self, _request: Request, number: str) -> Response:
        held = self._find(number)
        self._alerting.advance(self._clock.now())
        self._alerting.remove(held.number)
        del self._held[held.number]
        return reply({"deleted_monitor_id": held.number})

    def _can_delete(self, request: Request) -> Response:
        numbers = request.parameter("monitor_ids").split(",")
        return reply(
            {"data": {"ok": [self._find(each).number for each in numbers]}, "errors": None}
        )

    def _list(self, request: Request) -> Response:
        self._alerting.advance(self._clock.now())
        states = wanted_states(request.parameter("group_states"))
        chosen = [held for held in self._held.values() if _is_asked_for(held, request)]
        if request.parameter("page"):
            size = _whole(request, "page_size", _PAGE, most=_MOST)
            start = _whole(request, "page", 0) * size
            chosen = chosen[start : start + size]
        return reply([self._object(held, states) | _downtimes(request) for held in chosen])

    def _search(self, request: Request) -> Response:
        return reply(found_monitors(self._objects(), _asked(request)))

    def _search_groups(self, request: Request) -> Response:
        return reply(found_groups(self._objects(), _asked(request)))

    def _objects(self) -> list[tuple[Held, dict[str, object]]]:
        self._alerting.advance(self._clock.now())
        return [(held, self._object(held, _ALL)) for held in self._held.values()]

    def _evaluate(self, held: Held) -> None:
        now = self._clock.now()
        if held.monitor is None:
            self._alerting.remove(held.number)
        else:
            until = self._silent_until(held)
            self._alerting.put(held.number, held.monitor, now, silent_until=until)

    def _find(self, number: str) -> Held:
        held = self._held.get(whole_number(number) or 0)
        if held is None:
            raise not_found("Monitor not found")
        return held

    def _object(self, held: Held, states: frozenset[str] = frozenset()) -> dict[str, object]:
        evaluation = self._alerting.evaluation(held.number)
        snapshot = evaluation.snapshot() if evaluation is not None else None
        known = snapshot is not None and snapshot.since is not None
        state = snapshot.state if snapshot is not None and known else State.NO_DATA
        found = monitor_object(held, state.value, snapshot.since if snapshot else None)
        if states and evaluation is not None and snapshot is not None:
            groups = [group_object(group, evaluation.times) for group in snapshot.groups]
            chosen = [group for group in groups if {"all", group["status"].lower()} & states]
            found["state"] = {"groups": {group["name"]: group for group in chosen}}
        return found


def _downtimes(request: Request) -> dict[str, object]:
    """What ``with_downtimes`` adds; there are none here, a monitor is muted by itself."""
    return {"matching_downtimes": []} if request.parameter("with_downtimes") == "true" else {}


def _asked(request: Request) -> Asked:
    return Asked(
        query=request.parameter("query"),
        page=_whole(request, "page", 0),
        per_page=_whole(request, "per_page", _FOUND, most=_MOST) or _FOUND,
        sort=request.parameter("sort"),
    )


def _is_asked_for(held: Held, request: Request) -> bool:
    """The filters of the list: part of the name, and tags that must all be there."""
    name = str(held.fields.get("name", "")).lower()
    tags = held.fields.get("tags")
    own = {str(tag).lower() for tag in tags} if isinstance(tags, list) else set()
    wanted = {tag.strip().lower() for tag in request.parameter("monitor_tags").split(",")} - {""}
    scope = [tag.strip() for tag in request.parameter("tags").split(",") if tag.strip()]
    query = str(held.fields.get("query", ""))
    return (
        request.parameter("name").lower() in name
        and wanted <= own
        and all(tag in query for tag in scope)
        and held.number > _whole(request, "id_offset", 0)
    )


def _whole(request: Request, name: str, default: int, *, most: int | None = None) -> int:
    text = request.parameter(name)
    if not text:
        return default
    if (number := whole_number(text)) is None:
        raise refused(400, f"The value provided for parameter '{name}' is invalid")
    return number if most is None else min(number, most)
