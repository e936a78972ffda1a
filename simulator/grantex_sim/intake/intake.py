"""The mock Datadog, HTTP side: the logs intake. What it accepts is `contract`'s business."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary, WeakSet

from grantex_sim.account.report import Exchange
from grantex_sim.faults.model import Side
from grantex_sim.http.address import INTAKE, OLD_INTAKE
from grantex_sim.http.wire import Response, http_date
from grantex_sim.intake.answer import fault_headers, put, under_fault
from grantex_sim.intake.contract import Payload, Verdict, judge, judge_key
from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.account.ledger import Ledger
    from grantex_sim.faults import Answer, IntakeScript, Step
    from grantex_sim.faults.script import FaultScript
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Headers, Request
    from grantex_tui.clock import Clock

PATHS: Final = (INTAKE, OLD_INTAKE)
"""The intake, and its deprecated form, which answers 200 where the new one says 202."""
_ANY_ORIGIN: Final = (("access-control-allow-origin", "*"),)
"""Browsers send logs from any page (Datadog: logs/log_collection/javascript)."""

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
        faults: FaultScript,
        delay: float,
        clock: Clock,
        on_answer: Callable[[Request, Exchange, Sequence[str], float], None] = lambda *_: None,
        on_accepted: Callable[[Request, int, float], None] = lambda *_: None,
    ) -> None:
        self._key = key
        self._ledger = ledger
        self._script = script
        self._faults = faults
        self._begun: WeakKeyDictionary[Channel, Answer | None] = WeakKeyDictionary()
        self._delay = delay
        self._clock = clock
        self._under_way: WeakSet[Channel] = WeakSet()
        self._on_answer = on_answer
        self._on_accepted = on_accepted

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way whose client still waits for the answer."""
        return any(not channel.left for channel in self._under_way)

    def begin(self, request: Request, channel: Channel) -> None:
        """The head of *request* is there; its body may follow."""
        if request.path in PATHS and request.method == "POST":
            self._under_way.add(channel)
        if not self._faults.active or request.path not in PATHS or request.method != "POST":
            return
        fault = self._faults.head(request)
        self._begun[channel] = fault
        if fault is None:
            return
        leaving = fault.leaving
        if leaving is not None and leaving.at_head:
            arrival = self._arrival(request)
            channel.reset()
            self._tell(arrival, Verdict(0, f"fault: {leaving.reason}", [], 0))
        elif fault.slow_read is not None:
            channel.slow_down(fault.slow_read)

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request to Datadog."""
        if request.method != "POST":
            channel.write(self._other_method(request).encode())
            return
        if self._faults.active and channel not in self._begun:
            self.begin(request, channel)  # the first request of a session that it has begun
        fault = self._begun.get(channel)
        self._under_way.add(channel)
        try:
            if fault is None or fault.leaving is None or not fault.leaving.at_head:
                await self._take(request, channel)
        finally:
            self._under_way.discard(channel)

    def _other_method(self, request: Request) -> Response:
        if request.method == "OPTIONS" and request.header("access-control-request-method"):
            asked = request.header("access-control-request-headers")
            headers = (
                *_ANY_ORIGIN,
                ("access-control-allow-methods", "POST"),
                *([("access-control-allow-headers", asked)] if asked else []),
            )
            return Response(204, headers)
        reason = f"the intake takes POST, not {request.method}"
        return self._response(404, (("allow", "POST"), ("x-sim-reason", reason)))

    async def _take(self, request: Request, channel: Channel) -> None:
        arrival = self._arrival(request)
        step = self._script.next()
        verdict = self._judge(request)
        if step is not None:
            reason = f"scripted {step.status}"
            verdict = Verdict(step.status, reason, verdict.messages, verdict.size)
        fault = self._hit(request, channel, verdict)
        if fault is not None:
            await self._take_faulty(arrival, channel, fault)
            return
        if self._delay:
            await asyncio.sleep(self._delay)
        if channel.left:
            verdict = _unanswered(verdict)
        else:
            channel.write(self._answer_to(request, verdict, step))
        self._tell(arrival, verdict)

    def _hit(self, request: Request, channel: Channel, verdict: Verdict) -> Answer | None:
        if not self._faults.active:
            return None
        begun = self._begun.pop(channel, None)
        return self._faults.answer(request, verdict.messages, begun)

    async def _take_faulty(self, arrival: _Arrival, channel: Channel, fault: Answer) -> None:
        request = arrival.request
        verdict = under_fault(fault, self._judge(request))  # anew: the key may have changed
        await _pause(channel, self._delay + fault.delay)
        if channel.left:
            self._tell(arrival, _unanswered(verdict))
            return
        self._tell(arrival, verdict)
        self._ledger.put_off(fault.retry_after or 0.0)
        usual = 202 if request.path == INTAKE else 200
        status = (fault.status or usual) if verdict.status == 202 else verdict.status
        body = None if fault.body is None else fault.body.encode()
        reason = (("x-sim-reason", verdict.reason),) if verdict.reason else ()
        extra = (*fault_headers(fault), *reason, *_cors(request))
        plain = self._response(status, extra, body)
        await put(fault, plain, channel)

    def _arrival(self, request: Request) -> _Arrival:
        key = request.header("dd-api-key")
        valid = self._faults.valid_key(Side.INTAKE, self._key)
        said = "missing" if not key else "valid" if key == valid else "invalid"
        return _Arrival(self._clock.now(), self._clock.monotonic(), request, said)

    def _tell(self, arrival: _Arrival, verdict: Verdict) -> None:
        exchange = self._exchange(arrival, verdict)
        if verdict.status == 202:
            self._on_accepted(arrival.request, len(verdict.messages), arrival.at)
        self._ledger.answer(exchange, verdict.messages, verdict.truncated)
        self._on_answer(arrival.request, exchange, verdict.messages, arrival.at)

    def _judge(self, request: Request) -> Verdict:
        valid = self._faults.valid_key(Side.INTAKE, self._key)
        refusal = judge_key(request.header("dd-api-key"), valid)
        if refusal is not None:
            return refusal
        content_type = request.header("content-type").lower()
        return judge(Payload(content_type, request.header("content-encoding"), request.body))

    def _answer_to(self, request: Request, verdict: Verdict, step: Step | None) -> bytes:
        if verdict.status == 202:
            return self._answer(202 if request.path == INTAKE else 200, _cors(request))
        extra: Headers = (("x-sim-reason", verdict.reason), *_cors(request))
        if step is not None and step.retry_after is not None:
            self._ledger.put_off(step.retry_after)
            after = str(step.retry_after)
            extra = (("retry-after", after), ("x-ratelimit-reset", after), *extra)
        return self._answer(verdict.status, extra)

    def _answer(self, status: int, extra: Headers = ()) -> bytes:
        return self._response(status, extra).encode()

    def _response(self, status: int, extra: Headers, body: bytes | None = None) -> Response:
        if body is None:
            body = b"" if status in (204, 304) else b"{}" if status < 300 else _body(status)
        headers = (("date", http_date(self._clock.now())), ("content-type", "application/json"))
        return Response(status, headers, body, extra)

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


async def _pause(channel: Channel, seconds: float) -> None:
    """So many seconds, or until the client leaves."""
    if seconds:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await channel.leaving.wait()


def _cors(request: Request) -> Headers:
    return _ANY_ORIGIN if request.header("origin") else ()


def _unanswered(verdict: Verdict) -> Verdict:
    return Verdict(0, "the client left before the answer", verdict.messages, 0)


def _body(status: int) -> bytes:
    return _BODIES.get(status, b'{"errors":[]}')
