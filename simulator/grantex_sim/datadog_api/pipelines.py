"""``/api/v1/logs/config/pipelines``: pipelines posted, ordered, and put to work.

Datadog: api/v1/logs-pipelines. As long as none is posted, logs go through the pipeline for Grantex
that comes with the package, so that its monitors find their facets; it is not listed. From the
first that is posted, only those that are posted count. A pipeline that is not there is answered
400, as by the real API.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from itertools import count
from typing import TYPE_CHECKING

from grantex_sim.datadog_api.bodies import read_object
from grantex_sim.datadog_api.replies import refused_config, reply
from grantex_tui.datadog.pipeline import check_pipeline, parse_pipeline, parse_pipelines
from grantex_tui.monitoring.count.event_logs import bundled_pipelines


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.datadog_api.store import LogStore
    from grantex_sim.http.wire import Request, Response

_READ_ONLY = ("id", "type", "is_read_only")
_OPTIONS: Mapping[str, Mapping[str, object]] = {
    "attribute-remapper": {
        "source_type": "attribute",
        "target_type": "attribute",
        "preserve_source": False,
        "override_on_conflict": False,
    },
    "string-builder-processor": {"is_replace_missing": False},
    "arithmetic-processor": {"is_replace_missing": False},
    "url-parser": {"normalize_ending_slashes": False},
    "user-agent-parser": {"is_encoded": False},
    "grok-parser": {"samples": []},
}
"""What a processor of each type does where a request leaves it out."""


class Pipelines:
    """Keeps the pipelines in their order, and has *store* use them."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._held: dict[str, dict[str, object]] = {}
        self._numbers = count(1)

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        root = "/api/v1/logs/config/pipelines"
        return {
            f"GET {root}": self._list,
            f"POST {root}": self._create,
            f"GET {root}/{{}}": self._get,
            f"PUT {root}/{{}}": self._update,
            f"DELETE {root}/{{}}": self._delete,
            "GET /api/v1/logs/config/pipeline-order": self._order,
            "PUT /api/v1/logs/config/pipeline-order": self._reorder,
        }

    def _list(self, _request: Request) -> Response:
        return reply([*self._held.values()])

    def _create(self, request: Request) -> Response:
        identity = _identity(next(self._numbers))
        return self._put(identity, request)

    def _get(self, _request: Request, identity: str) -> Response:
        return reply(self._find(identity))

    def _update(self, request: Request, identity: str) -> Response:
        self._find(identity)
        return self._put(identity, request)

    def _put(self, identity: str, request: Request) -> Response:
        fields = read_object(request.body)
        sent = {key: value for key, value in fields.items() if key not in _READ_ONLY}
        errors = [problem for problem in check_pipeline(sent) if problem.severity == "error"]
        if errors:
            raise refused_config("Invalid Pipeline", errors)
        parse_pipeline(sent)
        self._held[identity] = _object(identity, sent)
        self._use()
        return reply(self._held[identity])

    def _delete(self, _request: Request, identity: str) -> Response:
        self._find(identity)
        del self._held[identity]
        self._use()
        return reply({})

    def _order(self, _request: Request) -> Response:
        return reply({"pipeline_ids": [*self._held]})

    def _reorder(self, request: Request) -> Response:
        wanted = read_object(request.body).get("pipeline_ids")
        if not isinstance(wanted, list) or sorted(map(str, wanted)) != sorted(self._held):
            raise refused_config("pipeline_ids must name every pipeline once", status=422)
        self._held = {identity: self._held[identity] for identity in wanted}
        self._use()
        return self._order(request)

    def _use(self) -> None:
        """From now on, the posted ones; what has arrived went through those before."""
        posted = [*self._held.values()]
        self._store.use(parse_pipelines(posted) if posted else bundled_pipelines())

    def _find(self, identity: str) -> dict[str, object]:
        found = self._held.get(identity)
        if found is None:
            raise refused_config("Non existing pipeline")
        return found


def _identity(number: int) -> str:
    digest = hashlib.blake2b(f"pipeline {number}".encode(), digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _object(identity: str, sent: Mapping[str, object]) -> dict[str, object]:
    return {
        "id": identity,
        "type": "pipeline",
        "is_enabled": False,
        "is_read_only": False,
        "filter": {"query": ""},
        **sent,
        "processors": _with_defaults(sent.get("processors")),
    }


def _with_defaults(processors: object) -> list[dict[str, object]]:
    """Processors are off unless they say otherwise, and tell their options, as the real replies."""
    items = processors if isinstance(processors, list) else []
    found = []
    for item in items:
        processor = {"is_enabled": False, **_OPTIONS.get(str(item.get("type")), {}), **item}
        if item.get("type") == "pipeline":
            processor["processors"] = _with_defaults(item.get("processors"))
        found.append(processor)
    return found
