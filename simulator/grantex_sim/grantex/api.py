"""The fake Grantex API: the event stream, its authorization, limits and errors.

Everything here was measured on the real auth-service: which headers in which order and case, the
bodies, that response headers wait for the first event or keepalive, and the habits of ``types``
(split at commas without trimming, unknown names match nothing, given twice it is a 500).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from grantex_sim.faults.model import Side
from grantex_sim.grantex.answers import Answers
from grantex_sim.grantex.broadcast import Subscriber
from grantex_sim.grantex.limits import IP_LIMIT, PLAN_LIMIT, STREAM_LIMIT, Budget, Slots
from grantex_sim.grantex.websocket import (
    TOO_MANY,
    Conversation,
    HandshakeError,
    bad_handshake,
    handshake,
    is_upgrade,
)
from grantex_sim.http.address import STREAM, WEBSOCKET
from grantex_sim.http.wire import head_bytes, http_date


if TYPE_CHECKING:
    from grantex_sim.events.clock import SessionClock
    from grantex_sim.faults.model import Opening
    from grantex_sim.faults.script import FaultScript
    from grantex_sim.grantex.broadcast import Broadcast
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Headers, Request

HEALTH: Final = "/health"
ME: Final = "/v1/me"
KEEPALIVE_PERIOD: Final = 30.0
MIN_KEY: Final = 16
"""Characters of the shortest key that the service looks up at all."""


class Grantex:
    """Answers requests to Grantex and feeds its streams."""

    def __init__(
        self,
        *,
        key: str,
        broadcast: Broadcast,
        clock: SessionClock,
        faults: FaultScript,
        keepalive: float = KEEPALIVE_PERIOD,
        stream_limit: int = STREAM_LIMIT,
        plan_limit: int = PLAN_LIMIT,
    ) -> None:
        self._key = key
        self._broadcast = broadcast
        self._clock = clock
        self._faults = faults
        self._keepalive = keepalive
        self._slots = Slots(stream_limit)
        self._socket_slots = Slots(stream_limit)
        self._plan = Budget(plan_limit)
        self._address = Budget(IP_LIMIT)

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request to Grantex."""
        now = self._clock.monotonic()
        opening = self._hit(request)
        given = _bearer(request.header("authorization"))
        known = bool(given) and given == self._faults.valid_key(Side.STREAM, self._key)
        allowance = (self._plan if known else self._address).take(now)
        answers = Answers(request, allowance, self._clock.now())
        if opening is not None and is_refusal(opening):
            await self._refuse_as_told(opening, channel, answers)
        elif request.method == "OPTIONS":
            channel.write(answers.preflight())
        elif request.path == HEALTH and request.method == "GET":
            channel.write(answers.healthy())
        elif not _is_stream(request) and not _is_me(request):
            channel.write(answers.not_found())
        elif not known:
            text = "Invalid API key" if given else "Missing or invalid Authorization header"
            channel.write(answers.refusal(401, "UNAUTHORIZED", text))
        elif allowance.exceeded:
            text = f"Plan rate limit exceeded, retry in {allowance.reset} seconds"
            after = (("retry-after", str(allowance.reset)),)
            channel.write(answers.refusal(429, "RATE_LIMIT_EXCEEDED", text, after))
        elif _is_me(request):
            channel.write(answers.developer())
        elif request.path == WEBSOCKET:
            await self._open_socket(request, channel, opening)
        elif request.method == "HEAD":
            channel.stream()
            await channel.gone.wait()  # the service never answers
        else:
            await self._open(request, channel, answers, opening)

    async def _open_socket(
        self, request: Request, channel: Channel, opening: Opening | None
    ) -> None:
        try:
            head = handshake(request, () if opening is None else opening.headers)
        except HandshakeError as error:
            channel.write(bad_handshake(error))
            channel.close()
            return
        subscriber = Subscriber(channel, head, kind="websocket")
        conversation = Conversation(channel, subscriber)
        free = self._socket_slots.take(self._key, self._clock.monotonic())
        if opening is None or not free:
            subscriber.send(b"")  # its head, which under a fault goes out as that says
        channel.upgrade(conversation.receive)
        if not free:
            conversation.close(TOO_MANY)
            return
        try:
            await self._feed(request, subscriber, opening, self._socket_slots)
        finally:
            self._let_go(opening, self._socket_slots)

    def forget_leaks(self) -> None:
        """Free the slots that faults have leaked."""
        self._slots.forget_leaks()
        self._socket_slots.forget_leaks()

    def _hit(self, request: Request) -> Opening | None:
        if not self._faults.active or request.method != "GET" or not _is_stream(request):
            return None
        opening = self._faults.opening(request, self._broadcast.free_client())
        if opening is not None and opening.lock_out:
            slots = self._slots if request.path == STREAM else self._socket_slots
            slots.leak_all(self._key, self._clock.monotonic())
        return opening

    async def _refuse_as_told(self, opening: Opening, channel: Channel, answers: Answers) -> None:
        if opening.delay:
            await asyncio.sleep(opening.delay)
        if opening.drain and opening.status is None:
            channel.reset()
            return
        status = opening.status or 307
        after = [] if opening.retry_after is None else [("retry-after", f"{opening.retry_after:g}")]
        where = [] if opening.redirect is None else [("location", opening.redirect)]
        extra = (*opening.headers, *after, *where)
        if opening.body is None:
            channel.write(_usual(status, answers, extra))
        else:
            channel.write(answers.plain(status, opening.body.encode(), extra))

    async def _open(
        self, request: Request, channel: Channel, answers: Answers, opening: Opening | None
    ) -> None:
        types = [value for key, value in request.query if key == "types"]
        if len(types) > 1:
            text = "An unexpected error occurred"
            channel.write(answers.refusal(500, "INTERNAL_ERROR", text))
        elif not self._slots.take(self._key, self._clock.monotonic()):
            text = f"Max {self._slots.limit} concurrent SSE connections per developer"
            channel.write(answers.refusal(429, "TOO_MANY_CONNECTIONS", text))
        else:
            chosen = frozenset(types[0].split(",")) if types and types[0] else None
            try:
                await self._stream(request, channel, chosen, opening)
            finally:
                self._let_go(opening, self._slots)

    def _let_go(self, opening: Opening | None, slots: Slots) -> None:
        if opening is None or opening.leak_slot is None:
            slots.free(self._key)
        else:
            slots.leak(self._key, zombie=opening.leak_slot == "zombie")

    async def _stream(
        self,
        request: Request,
        channel: Channel,
        types: frozenset[str] | None,
        opening: Opening | None,
    ) -> None:
        chunked = request.version == "1.1"
        head = _stream_head(self._clock.now(), opening, chunked=chunked)
        subscriber = Subscriber(channel, head, types=types, chunked=chunked)
        channel.stream()
        await self._feed(request, subscriber, opening, self._slots)

    async def _feed(
        self, request: Request, subscriber: Subscriber, opening: Opening | None, slots: Slots
    ) -> None:
        """From the subscription to its end."""
        self._broadcast.add(subscriber)
        if opening is not None:
            self._broadcast.spoil(subscriber, opening)
        self._faults.opened(subscriber, request)
        try:
            await self._keep_alive(subscriber, slots)
        finally:
            self._faults.closed(subscriber)
            self._broadcast.remove(subscriber)

    async def _keep_alive(self, subscriber: Subscriber, slots: Slots) -> None:
        """Until the client goes: a keepalive each period from the subscription on."""
        due = self._clock.monotonic()
        gone = subscriber.channel.gone
        while not gone.is_set():
            due += self._keepalive
            if not await self._clock.wait(gone, due):
                subscriber.keepalive()
                slots.refresh(self._key, self._clock.monotonic())


def _bearer(header: str) -> str:
    """The token of a bearer authorization (the scheme in any case), or an empty text."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_stream(request: Request) -> bool:
    plain = request.path == STREAM and request.method in ("GET", "HEAD")
    return plain or is_upgrade(request)


def _is_me(request: Request) -> bool:
    return request.path == ME and request.method == "GET"


def is_refusal(opening: Opening) -> bool:
    """Whether *opening* answers with something else than a stream."""
    return opening.drain or opening.status is not None or opening.redirect is not None


def _usual(status: int, answers: Answers, extra: Headers) -> bytes:
    """An answer of *status* as the service would give it."""
    if status < 400:
        return answers.plain(status, b"", extra)
    if status == 404:
        return answers.not_found(answers.request.path, extra)
    code, text = _usual_text(status, dict(extra).get("retry-after"))
    return answers.refusal(status, code, text, extra)


def _usual_text(status: int, retry_after: str | None) -> tuple[str, str]:
    """Code and message of an error answer, as recorded where they are known."""
    if status == 429 and retry_after is not None:
        return "RATE_LIMIT_EXCEEDED", f"Plan rate limit exceeded, retry in {retry_after} seconds"
    return _USUAL.get(status, ("ERROR", "Scripted by a fault"))


_USUAL: Final = {
    401: ("UNAUTHORIZED", "Invalid API key"),
    429: ("TOO_MANY_CONNECTIONS", "Max 5 concurrent SSE connections per developer"),
    500: ("INTERNAL_ERROR", "An unexpected error occurred"),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable"),
}


def _stream_head(accepted: float, opening: Opening | None, *, chunked: bool) -> bytes:
    """The stream's head; its ``Date`` is when the request was accepted, not when this is sent."""
    kind = opening.wrong_mime if opening is not None else None
    extra = opening.headers if opening is not None else ()
    headers = (
        ("content-type", kind or "text/event-stream"),
        ("cache-control", "no-cache"),
        ("connection", "keep-alive"),
        ("x-accel-buffering", "no"),
        *extra,
        ("Date", http_date(accepted)),
    )
    return head_bytes(200, (*headers, ("Transfer-Encoding", "chunked")) if chunked else headers)
