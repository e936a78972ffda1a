"""The mock Datadog, HTTP side: the logs intake. What it accepts is `contract`'s business."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_tui.clock import rfc3339
from simulator.contract import Payload, Verdict, judge, judge_key
from simulator.ledger import Exchange
from simulator.wire import head_bytes, http_date


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.clock import Clock
    from simulator.faults import IntakeScript, Step
    from simulator.ledger import Ledger
    from simulator.server import Channel
    from simulator.wire import Headers, Request

PATHS: Final = ("/api/v2/logs", "/v1/input")
"""The intake, and its deprecated form, which answers 200 where the new one says 202."""

# Bodies as recorded from Datadog or shown in its documentation, key order included; where none is
# known (401, 408, 413, 429, 5xx) the same shape.
_BODIES: Final = {
    400: b'{"errors":[{"detail":"Malformed payload","status":"400","title":"Bad Request"}]}',
    401: b'{"errors":[{"status":"401","title":"Unauthorized","detail":"API key is missing"}]}',
    403: b'{"errors":[{"status":"403","title":"Forbidden","detail":"API key is invalid"}]}',
    404: b'{"errors":[{"status":"404","title":"Not Found"}]}',
    408: b'{"errors":[{"status":"408","title":"Request Timeout"}]}',
    413: b'{"errors":[{"status":"413","title":"Request Entity Too Large"}]}',
    429: b'{"errors":[{"status":"429","title":"Too Many Requests"}]}',
    500: b'{"errors":[{"status":"500","title":"Internal Server Error"}]}',
    503: b'{"errors":[{"status":"503","title":"Service Unavailable"}]}',
}


@dataclass(frozen=True, slots=True)
class _Arrival:
    at: float
    started: float
    request: Request
    key: str


class Intake:
    """Answers intake requests and tells the ledger."""

    def __init__(
        self,
        *,
        key: str,
        ledger: Ledger,
        script: IntakeScript,
        delay: float,
        clock: Clock,
        on_answer: Callable[[Request, Exchange, Sequence[str], float], None] = lambda *_: None,
    ) -> None:
        self._key = key
        self._ledger = ledger
        self._script = script
        self._delay = delay
        self._clock = clock
        self._on_answer = on_answer

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request to Datadog."""
        if request.path not in PATHS or request.method != "POST":
            channel.write(self._answer(404, (("x-sim-reason", "no such route here"),)))
            return
        await self._take(request, channel)

    async def _take(self, request: Request, channel: Channel) -> None:
        key = request.header("dd-api-key")
        said = "valid" if key == self._key else "invalid" if key else "missing"
        arrival = _Arrival(self._clock.now(), self._clock.monotonic(), request, said)
        step = self._script.next()
        verdict = self._judge(request, key)
        if step is not None:
            reason = f"scripted {step.status}"
            verdict = Verdict(step.status, reason, verdict.messages, verdict.size)
        if self._delay:
            await asyncio.sleep(self._delay)
        if channel.left:
            verdict = Verdict(0, "the client left before the answer", verdict.messages, 0)
        else:
            channel.write(self._answer_to(request, verdict, step))
        exchange = self._exchange(arrival, verdict)
        self._ledger.answer(exchange, verdict.messages, verdict.truncated)
        self._on_answer(request, exchange, verdict.messages, arrival.at)

    def _judge(self, request: Request, key: str) -> Verdict:
        refusal = judge_key(key, self._key)
        if refusal is not None:
            return refusal
        content_type = request.header("content-type").lower()
        return judge(Payload(content_type, request.header("content-encoding"), request.body))

    def _answer_to(self, request: Request, verdict: Verdict, step: Step | None) -> bytes:
        if verdict.status == 202:
            return self._answer(202 if request.path == PATHS[0] else 200)
        extra: Headers = (("x-sim-reason", verdict.reason),)
        if step is not None and step.retry_after is not None:
            after = str(step.retry_after)
            extra = (("retry-after", after), ("x-ratelimit-reset", after), *extra)
        return self._answer(verdict.status, extra)

    def _answer(self, status: int, extra: Headers = ()) -> bytes:
        body = b"" if status in (204, 304) else b"{}" if status < 300 else _body(status)
        headers = (
            ("date", http_date(self._clock.now())),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            *extra,
        )
        return head_bytes(status, headers) + body

    def _exchange(self, arrival: _Arrival, verdict: Verdict) -> Exchange:
        request = arrival.request
        return Exchange(
            at=rfc3339(arrival.at),
            path=request.path,
            key=arrival.key,
            encoding=request.header("content-encoding") or "identity",
            status=verdict.status,
            reason=verdict.reason,
            entries=len(verdict.messages),
            bytes=len(request.body),
            size=verdict.size,
            truncated=len(verdict.truncated),
            seconds=round(self._clock.monotonic() - arrival.started, 6),
        )


def _body(status: int) -> bytes:
    return _BODIES.get(status, b'{"errors":[]}')
