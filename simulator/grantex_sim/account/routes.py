"""``/_sim/ledger`` and ``/_sim/missing``: the account, whole or in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.account.ledger import LISTED_MISSING
from grantex_sim.account.verdicts import SETTLE, EventVerdict
from grantex_sim.http.numbers import whole_numbers
from grantex_sim.http.reply import json_reply, problem
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.account.ledger import Ledger
    from grantex_sim.account.report import Report
    from grantex_sim.http.wire import Request

LEDGER: Final = "/_sim/ledger"
MISSING: Final = "/_sim/missing"
ROUTES: Final = {
    "GET /_sim/ledger": "emitted, delivered, missing (the first 10,000 ids; ?limit=N, or ?full=1 "
    "for all), duplicates, altered, verdicts (?settle=10s: how long what was heard is pending), and "
    "the last requests",
    "GET /_sim/missing?limit=N&after=NUMBER&verdict=V&settle=S": "the events that are missing, with "
    "type, time of emission and verdict (V: only those that are lost, pending, withheld, "
    "undeliverable, filtered or unheard), 1,000 (N) at a time; each page says in `next` after which "
    "number to go on",
}
PAGE: Final = 1_000
_MOST: Final = 100_000


class AccountRoutes:
    """Answers requests for the account.

    Args:
        ledger: Whose account.
        report: Gives it, with at most so many missing ids (None: all), and so many seconds in
            which what was heard is pending.
    """

    def __init__(self, ledger: Ledger, report: Callable[[int | None, float], Report]) -> None:
        self._ledger = ledger
        self._report = report

    def answer(self, request: Request) -> bytes | None:
        """The answer to *request*; None if it is not for these routes."""
        path = request.path.rstrip("/")
        if request.method != "GET" or path not in (LEDGER, MISSING):
            return None
        try:
            if path == LEDGER:
                query = dict(request.query)
                settle = _settle(query)
                return json_reply(200, self._report(_listed(query), settle))
            query = dict(request.query)
            chosen = _settle(query), _verdict(query.pop("verdict", ""))
            asked = whole_numbers(query, {"limit": PAGE, "after": 0})
        except ValueError as error:
            return problem(400, str(error), f"GET {LEDGER}?full=1, or {MISSING}?limit=100&after=0")
        page = self._ledger.missing_page(
            after=asked["after"],
            limit=min(asked["limit"], _MOST),
            settle=chosen[0],
            verdict=chosen[1],
        )
        return json_reply(200, page)


def _settle(query: dict[str, str]) -> float:
    given = query.pop("settle", "")
    try:
        return parse_duration(given) if given else SETTLE
    except ValueError as error:
        raise ValueError(f"settle: {error}") from None


def _verdict(name: str) -> EventVerdict | None:
    known = [each.value for each in EventVerdict if each is not EventVerdict.DELIVERED]
    if name and name not in known:
        raise ValueError(f"verdict={name[:40]!r} is none of {', '.join(known)}")
    return EventVerdict(name) if name else None


def _listed(query: dict[str, str]) -> int | None:
    """How many missing ids are wanted; None: all."""
    if (full := query.pop("full", "0")) not in ("", "0", "1", "true", "false"):
        raise ValueError(f"full={full[:40]!r} is neither 0 nor 1")
    asked = whole_numbers(query, {"limit": LISTED_MISSING})
    return None if full in ("", "1", "true") else asked["limit"]
