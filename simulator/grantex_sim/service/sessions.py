"""Many sessions on one port: each name below ``/s/`` is an account of its own.

Parallel tests share one server that way: ``/s/NAME/v1/events/stream``, ``/s/NAME/api/v2/logs`` and
``/s/NAME/_sim/ledger`` know nothing of any other name. A session begins with its first request;
it has the options, and the events to emit, that the server was started with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grantex_sim.http.reply import json_reply, problem
from grantex_sim.http.target import with_path
from grantex_sim.http.wire import head_bytes
from grantex_sim.page.view import SHOWN, SessionRow
from grantex_sim.service.entrances import ENTRANCE, Entrances
from grantex_sim.service.guard import Guard, is_foreign
from grantex_sim.service.session import Session


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Request
    from grantex_sim.service.session import Options
    from grantex_sim.tls.front import TlsFront
    from grantex_tui.clock import Clock

MAX_SESSIONS: Final = 1_000
IDLE: Final = 900.0
"""Seconds without a request after which a session with no open stream may be dropped."""
_PREFIX: Final = "/s/"
_POLLED: Final = "_sim/page"
"""What an open page asks for again and again: that must not begin anew a session that has ended."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


@dataclass(slots=True)
class _Named:
    session: Session
    used: float
    """Monotonic seconds of the last request."""
    is_begun: bool = False
    """Whether anybody has done more than look at it."""


class Sessions:
    """The session without a name, and those that have one.

    Args:
        options: What each of them does.
        clock: Where they take the time from, each until it is told another.
        limit: How many may have a name.
        idle: Seconds after which one that nobody uses makes room for a new one.
        on_failure: Told why a session's work beside the requests ended before its time.
        front: How clients that speak TLS are greeted.

    Raises:
        UsageError: A key or the intake script does not fit.
    """

    def __init__(
        self,
        options: Options,
        clock: Clock,
        *,
        limit: int = MAX_SESSIONS,
        idle: float = IDLE,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        front: TlsFront | None = None,
    ) -> None:
        self._entrances = Entrances(options.host, front, tuple(options.pass_through))
        self._on_failure = on_failure
        self._options = options
        self._clock = clock
        self._limit = limit
        self._idle = idle
        self._named: dict[str, _Named] = {}
        self._is_closed = False
        self._guard = Guard((options.host, *options.allow_hosts))
        self.root = Session(options, clock, others=self._rows, on_failure=on_failure)
        self.dropped = 0
        """Sessions dropped because nobody used them and room was needed."""

    def __len__(self) -> int:
        return len(self._named)

    def __iter__(self) -> Iterator[Session]:
        yield self.root
        for named in self._named.values():
            yield named.session

    def begin(self, request: Request, channel: Channel) -> None:
        """A request's head is there; its body may follow."""
        if not request.path.startswith(_PREFIX):
            self.root.begin(request, channel)
            return
        name, _, rest = request.path.removeprefix(_PREFIX).partition("/")
        if (found := self._named.get(name)) is not None:
            found.session.begin(_below(request, name, rest), channel)

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request, in the session that its path names."""
        if request.path.startswith(_PREFIX):
            await self._handle_named(request, channel)
        elif (refusal := self._guard.refusal(request, request.path)) is not None:
            channel.write(refusal)
        elif request.path.rstrip("/") == "/_sim/sessions" and request.method in ("GET", "HEAD"):
            channel.write(json_reply(200, self._listing()))
        elif request.path.rstrip("/") == "/_sim" and request.method == "DELETE":
            what = "the session without a name lasts as long as the server"
            channel.write(problem(405, what, "POST /_sim/reset begins a new account."))
        else:
            await self.root.handle(request, channel)

    async def _handle_named(self, request: Request, channel: Channel) -> None:
        name, slash, rest = request.path.removeprefix(_PREFIX).partition("/")
        if not _NAME.fullmatch(name):
            what = f"{name[:120]!r} is no session's name"
            hint = "Take 1 to 100 letters, digits and -._~, the first a letter or digit."
            channel.write(problem(400, what, hint))
        elif (refusal := self._guard.refusal(request, f"/{rest}")) is not None:
            channel.write(refusal)
        elif not slash:
            channel.write(_moved(f"{_PREFIX}{name}/"))
        elif rest == _POLLED and name not in self._named:
            what = f"there is no session {name!r}, or no more"
            channel.write(problem(404, what, f"{_PREFIX}{name}/ begins one."))
        elif rest.rstrip("/") == "_sim" and request.method == "DELETE":
            channel.write(json_reply(200, {"ended": await self.end(name)}))
        elif (session := await self.named(name, is_look=_is_look(request))) is None:
            what = f"{self._limit:,} sessions are open, and none was idle for {self._idle:g} s"
            hint = "End some with DELETE /s/NAME/_sim; GET /_sim/sessions lists them."
            channel.write(problem(503, what, hint))
        elif rest == ENTRANCE and request.method == "POST":
            channel.write(
                await self._entrances.answer(name, session.greeting, self.handle, self.begin)
            )
        else:
            await session.handle(_below(request, name, rest), channel)

    async def named(self, name: str, *, is_look: bool = False) -> Session | None:
        """The session called *name*, begun now if need be; None when there is no room.

        One at which everybody only looked (*is_look*) makes room at once, so that no number of
        addresses that a page has a browser get keeps a test from its session.
        """
        now = self._clock.monotonic()
        # While room is made, others may take it, or begin the very same.
        while name not in self._named and len(self._named) >= self._limit:
            if not await self._make_room(now):
                return None
        found = self._named.get(name)
        if found is not None:
            found.used = now
            found.is_begun = found.is_begun or not is_look
            return found.session
        if self._is_closed:
            return None
        session = Session(self._options, self._clock, on_failure=self._on_failure)
        self._named[name] = _Named(session, now, not is_look)
        session.start()
        return session

    async def end(self, name: str) -> bool:
        """End the session called *name* and its streams; False if there is none."""
        found = self._named.pop(name, None)
        if found is None:
            return False
        await found.session.close()
        await self._entrances.close(name)
        return True

    async def close(self) -> None:
        """End every session's emission; none begins any more."""
        self._is_closed = True
        await self._entrances.close_all()
        for session in tuple(self):
            await session.close()

    async def _make_room(self, now: float) -> bool:
        """Drop the session that nobody has used, or not for longest if that is long enough."""
        idle = [name for name, named in self._named.items() if not named.session.status().clients]
        unused = [name for name in idle if not self._named[name].is_begun]
        oldest = min(unused or idle, key=lambda name: self._named[name].used, default=None)
        if oldest is None or not (unused or now - self._named[oldest].used >= self._idle):
            return False
        self.dropped += 1
        return await self.end(oldest)

    def _rows(self) -> list[SessionRow]:
        """Those used last, for the page."""
        last = sorted(self._named, key=lambda name: self._named[name].used, reverse=True)
        return [_row(name, self._named[name].session) for name in last[:SHOWN]]

    def _listing(self) -> dict[str, object]:
        now = self._clock.monotonic()
        return {
            "sessions": [_line(name, named, now) for name, named in self._named.items()],
            "limit": self._limit,
            "dropped": self.dropped,
        }


def _row(name: str, session: Session) -> SessionRow:
    status = session.status()
    return SessionRow(name, status.emitted, status.delivered, status.missing, status.clients)


def _line(name: str, named: _Named, now: float) -> dict[str, object]:
    status = named.session.status()
    return {
        "name": name,
        "path": f"{_PREFIX}{name}/",
        "clients": status.clients,
        "emitted": status.emitted,
        "delivered": status.delivered,
        "missing": status.missing,
        "idleSeconds": round(now - named.used, 3),
    }


def _is_look(request: Request) -> bool:
    """Whether *request* reads, or comes from a page that has no business here."""
    return request.method in ("GET", "HEAD", "OPTIONS") or is_foreign(request)


def _below(request: Request, name: str, path: str) -> Request:
    """*request* as it would be at the root, with a header that leads back to the session."""
    headers = (*request.headers, ("x-forwarded-prefix", f"{_PREFIX}{name}"))
    return replace(request, target=with_path(request.target, f"/{path}"), headers=headers)


def _moved(path: str) -> bytes:
    """To the same with a slash, so that the page's relative links hold."""
    return head_bytes(308, (("location", path), ("content-length", "0")))
