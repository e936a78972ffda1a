"""The control routes of Datadog's own ``fakeintake``, so that tests written for it run against ours.

DataDog/datadog-agent: test/fakeintake. Meant to differ: it stores a payload before it answers, so
that what it refused looks like what it took. Here ``payloads`` are those that were accepted, the
intake's contract and key hold, and an override that is no 2xx refuses. Its other intakes (metrics,
traces, flares) are not here, and the API key is not given back.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import read_object
from grantex_sim.datadog_api.replies import RefusedError, refused, reply
from grantex_sim.faults.kinds.intake import wrong_mime
from grantex_sim.faults.model import Answer, Fault, Match, Side
from grantex_sim.http.wire import Response
from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.datadog_api.entries import Accepted
    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.datadog_api.store import LogStore
    from grantex_sim.faults.script import FaultScript
    from grantex_sim.http.wire import Request

PREFIX: Final = "/fakeintake/"
_INTAKE: Final = ("/api/v2/logs", "/v1/input")
_PARSED: Final = "/api/v2/logs"
_REDACTED: Final = "[redacted]"


class Fakeintake:
    """Answers fakeintake's routes.

    Args:
        store: What was accepted.
        faults: Where an override of the intake becomes a fault.
    """

    def __init__(self, store: LogStore, faults: FaultScript) -> None:
        self._store = store
        self._faults = faults
        self._of_intake: dict[str, Fault] = {}
        self._overrides: dict[tuple[str, str], Response] = {}
        self._identity = str(uuid.uuid4())

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        return {
            "GET /fakeintake/payloads": self._payloads,
            "GET /fakeintake/health": lambda _request: Response(200, ()),
            "GET /fakeintake/routestats": self._stats,
            "GET /fakeintake/flushPayloads": self._flush,
            "POST /fakeintake/flushPayloads": self._flush,
            "DELETE /fakeintake/flushPayloads": self._flush,
            "POST /fakeintake/configure/override": self._override,
        }

    def overridden(self, request: Request) -> Response | None:
        """The answer that was configured for *request*, anywhere but at the intake."""
        return self._overrides.get((request.method, request.path)) if self._overrides else None

    def signed(self, response: Response) -> Response:
        """*response* as fakeintake's, which say who they are."""
        return replace(response, more=(*response.more, ("Fakeintake-ID", self._identity)))

    def clear(self) -> None:
        """Forget the overrides; those of the intake went with the faults."""
        self._of_intake.clear()
        self._overrides.clear()

    def _payloads(self, request: Request) -> Response:
        endpoint = request.parameter("endpoint")
        if not endpoint:
            raise _plain(400, "missing endpoint query parameter")
        chosen = [each for each in self._store.requests() if each.request.path == endpoint]
        if request.parameter("format") != "json":
            return reply({"payloads": [_raw(each) for each in chosen]})
        if endpoint != _PARSED:
            raise _plain(400, "invalid route parameter")
        return reply({"payloads": [_parsed(each) for each in chosen]})

    def _stats(self, _request: Request) -> Response:
        counts: dict[str, int] = {}
        for each in self._store.requests():
            counts[each.request.path] = counts.get(each.request.path, 0) + 1
        routes = {path: {"id": path, "count": count} for path, count in counts.items()}
        return reply({"routes": routes})

    def _flush(self, _request: Request) -> Response:
        self._store.clear()
        return Response(200, ())

    def _override(self, request: Request) -> Response:
        fields = read_object(request.body)
        endpoint, status = fields.get("endpoint"), fields.get("status_code")
        if not isinstance(endpoint, str) or not endpoint.startswith("/"):
            raise refused(400, "endpoint must be a path such as /api/v2/logs")
        if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status < 600:
            raise refused(400, "status_code must be a number from 200 to 599")
        kind = str(fields.get("content_type") or "application/json")
        method = str(fields.get("method") or "POST").upper()
        body = _body(fields.get("body"))
        if endpoint in _INTAKE and method == "POST":
            self._override_intake(
                endpoint, Answer(status=status, body=body, acts=(wrong_mime.KIND.act(kind),))
            )
        else:
            response = Response(status, (("content-type", kind),), body.encode())
            self._overrides[method, endpoint] = response
        return Response(200, ())

    def _override_intake(self, endpoint: str, answer: Answer) -> None:
        before = self._of_intake.pop(endpoint, None)
        if before is not None:
            self._faults.remove(before)
        fault = Fault(on=Side.INTAKE, do=answer, match=Match(path=endpoint))
        self._of_intake[endpoint] = fault
        self._faults.add([fault])


def _body(value: object) -> str:
    """The body, which Go's JSON has in base64; text that isn't is taken as it is."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else ""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def _raw(accepted: Accepted) -> dict[str, object]:
    return {
        **_common(accepted),
        "data": base64.b64encode(accepted.request.body).decode(),
        "content_type": accepted.request.header("content-type"),
    }


def _parsed(accepted: Accepted) -> dict[str, object]:
    return {**_common(accepted), "data": accepted.entries()}


def _common(accepted: Accepted) -> dict[str, object]:
    """Without a content coding ``encoding`` holds the content type, as fakeintake has it."""
    request = accepted.request
    return {
        "timestamp": rfc3339(accepted.at),
        "api_key": _REDACTED,
        "encoding": request.header("content-encoding") or request.header("content-type"),
    }


def _plain(status: int, text: str) -> RefusedError:
    return RefusedError(Response(status, (("content-type", "text/plain"),), text.encode()), text)
