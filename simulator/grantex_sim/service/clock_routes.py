"""``/_sim/clock``: what time it is in a session, and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.http.json_text import read_json
from grantex_sim.http.reply import json_reply, problem
from grantex_tui.clock import rfc3339
from grantex_tui.words.durations import parse_duration, parse_instant


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from grantex_sim.events.clock import SessionClock
    from grantex_sim.http.wire import Request

PATH: Final = "/_sim/clock"
ROUTES: Final = {
    "GET /_sim/clock": "what time it is, and whether it stands still",
    "POST /_sim/clock": '{"advance": "5m"}, {"now": "2026-01-05T09:00:00Z"}, {"virtual": true}, '
    '{"virtual": true, "start": "2026-01-05T09:00:00Z"}, {"virtual": false}',
}
MAX_ADVANCE: Final = 400 * 86_400.0
"""Seconds that one request may let pass."""
_LAST: Final = 253_370_764_800.0
"""9999-01-01, beyond which dates can't be written."""
_HINT: Final = f"Such as {ROUTES['POST /_sim/clock']}."


class _Move(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is asked for."""

    advance: str | float | None = None
    now: str | None = None
    virtual: bool | None = None
    start: str | None = None


class ClockRoutes:
    """Answers requests to ``/_sim/clock``.

    Args:
        clock: The session's.
        settle: Awaited at each stop on the way of a jump.
    """

    def __init__(self, clock: SessionClock, settle: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._settle = settle

    async def answer(self, request: Request) -> bytes | None:
        """The answer to *request*, once time has passed; None if it is not for these routes."""
        if request.path.rstrip("/") != PATH:
            return None
        if request.method == "POST":
            try:
                await self._move(msgspec.convert(read_json(request.body), _Move))
            except (msgspec.MsgspecError, ValueError) as error:
                what = str(error) if request.body.strip() else "the body is empty"
                return problem(400, what, _HINT)
        elif request.method != "GET":
            return problem(405, f"{request.method} {PATH}", "GET or POST.")
        now = self._clock.now()
        said = {"now": rfc3339(now), "epoch": now, "virtual": self._clock.virtual}
        return json_reply(200, said)

    async def _move(self, move: _Move) -> None:
        if move == _Move():
            raise ValueError("nothing to do")
        if move.start is not None and not move.virtual:
            raise ValueError("start is for a clock that stands still")
        start = None if move.start is None else _instant(move.start)
        wait = 0.0 if move.advance is None else parse_duration(move.advance)
        instant = None if move.now is None else _instant(move.now)
        if move.virtual is True:
            self._clock.stop(start)
        elif move.virtual is False:
            self._clock.run()
        if instant is not None:
            wait += self._ahead(instant)
        if wait > MAX_ADVANCE:
            raise ValueError(f"more than {MAX_ADVANCE / 86_400:g} days at once")
        if self._clock.now() + wait > _LAST:
            raise ValueError("time ends with the year 9998")
        if wait:
            await self._clock.advance(wait, self._settle)

    def _ahead(self, instant: float) -> float:
        now = self._clock.now()
        if instant < now:
            raise ValueError(f"it is {rfc3339(now)}, and time does not go back")
        return instant - now


def _instant(text: str) -> float:
    instant = parse_instant(text)
    if not 0 <= instant <= _LAST:
        raise ValueError(f"{text[:40]!r} is not from 1970 to 9998")
    return instant
