"""``/api/v2/logs/config/metrics``: log-based metrics, which anomaly monitors name.

Datadog: api/v2/logs-metrics; logs/log_configuration/logs_to_metrics: a metric counts from its
creation and fills nothing in.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.monitors.evaluation import Counting
from grantex_sim.datadog_api.replies import invalid, not_found, refused, reply
from grantex_sim.http.wire import Response
from grantex_tui.datadog.log_metric import METRIC_TYPE, as_kept, check_attributes, is_name
from grantex_tui.monitoring.count.metrics import read_log_metric


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.http.wire import Request
    from grantex_tui.clock import Clock

_POSITION: Final = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class _Held:
    data: dict[str, object]
    counting: Counting


class Metrics:
    """Keeps the log-based metrics; *clock* says since when one counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.on_change: Callable[[str], None] = lambda _name: None
        """Told the name of each that was created, changed or deleted."""
        self._held: dict[str, _Held] = {}

    def counting(self) -> list[Counting]:
        """Every metric, for monitors."""
        return [held.counting for held in self._held.values()]

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        root = "/api/v2/logs/config/metrics"
        return {
            f"GET {root}": self._list,
            f"POST {root}": self._create,
            f"GET {root}/{{}}": self._get,
            f"PATCH {root}/{{}}": self._update,
            f"DELETE {root}/{{}}": self._delete,
        }

    def _list(self, _request: Request) -> Response:
        return reply({"data": [held.data for held in self._held.values()]})

    def _get(self, _request: Request, name: str) -> Response:
        return reply({"data": self._find(name).data})

    def _create(self, request: Request) -> Response:
        data = _data(request)
        name = as_kept(data.text("id", ""))
        if not is_name(name):
            raise invalid("data.id", f"{name!r} is no name of a metric")
        if name in self._held:
            text = (
                f"conflict(Field 'data.id' is invalid: '{name}' cannot be used as metric name, "
                "a metric already exists with that name)"
            )
            raise refused(409, text)
        return self._put(name, data.child("attributes").fields)

    def _update(self, request: Request, name: str) -> Response:
        known = self._find(name).data["attributes"]
        given = _data(request).child("attributes")
        assert isinstance(known, dict)
        merged = copy.deepcopy(known) | {key: given.fields[key] for key in given.fields}
        compute = given.child("compute")
        merged["compute"] = {**known["compute"], **compute.fields}
        for key in ("aggregation_type", "path"):
            if merged["compute"].get(key) != known["compute"].get(key):
                raise invalid(compute.at(key), "it can't be changed")
        return self._put(as_kept(name), merged)

    def _delete(self, _request: Request, name: str) -> Response:
        self._find(name)
        name = as_kept(name)
        del self._held[name]
        self.on_change(name)
        return Response(204, ())

    def _put(self, name: str, fields: Mapping[str, object]) -> Response:
        attributes = _attributes(Reader(fields, "data.attributes"))
        data: dict[str, object] = {"id": name, "type": METRIC_TYPE, "attributes": attributes}
        counting = Counting(read_log_metric({"data": data}), self._clock.now())
        self._held[name] = _Held(data, counting)
        self.on_change(name)
        return reply({"data": data})

    def _find(self, name: str) -> _Held:
        held = self._held.get(as_kept(name))
        if held is None:
            raise not_found(f"not_found(Metric with name '{name}' not found)")
        return held


def _data(request: Request) -> Reader:
    data = Reader(read_object(request.body)).child("data")
    if data.text("type", "") != METRIC_TYPE:
        raise invalid("data.type", f"it must be {METRIC_TYPE}")
    return data


def _attributes(reader: Reader) -> dict[str, object]:
    problem = next(check_attributes(reader.fields), None)
    if problem is not None:
        where = _POSITION.sub(r".\1", problem.where)  # as the API writes a place in a list
        raise invalid(where, problem.message)
    return {
        "compute": _compute(reader.child("compute")),
        "filter": {"query": reader.child("filter").text("query", "*")},
        "group_by": [_group(each) for each in reader.children("group_by")],
    }


def _compute(reader: Reader) -> dict[str, object]:
    kind = reader.text("aggregation_type", "")
    if kind == "count":
        return {"aggregation_type": kind}
    percentiles = reader.fields.get("include_percentiles") is True
    path = reader.text("path", "")
    return {"aggregation_type": kind, "path": path, "include_percentiles": percentiles}


def _group(reader: Reader) -> dict[str, object]:
    path = reader.text("path", "")
    return {"path": path, "tag_name": reader.text("tag_name", "") or path.removeprefix("@")}
