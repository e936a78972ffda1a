"""``/_sim/ledger`` and ``/_sim/missing``: the account, whole or in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.account.ledger import LISTED_MISSING
from grantex_sim.http.numbers import whole_numbers
from grantex_sim.http.reply import json_reply, problem


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.account.ledger import Ledger
    from grantex_sim.account.report import Report
    from grantex_sim.http.wire import Request

LEDGER: Final = "/_sim/ledger"
MISSING: Final = "/_sim/missing"
ROUTES: Final = {
    "GET /_sim/ledger": "emitted, delivered, missing (the first 10,000 ids; ?limit=N, or ?full=1 "
    "for all), duplicates, altered, and the last requests",
    "GET /_sim/missing?limit=N&after=NUMBER": "the events that are missing, with type and time of "
    "emission, 1,000 (N) at a time; each page says in `next` after which number to go on",
}
PAGE: Final = 1_000
_MOST: Final = 100_000


class AccountRoutes:
    """Answers requests for the account.

    Args:
        ledger: Whose account.
        report: Gives it, with at most so many missing ids (None: all).
    """

    def __init__(self, ledger: Ledger, report: Callable[[int | None], Report]) -> None:
        self._ledger = ledger
        self._report = report

    def answer(self, request: Request) -> bytes | None:
        """The answer to *request*; None if it is not for these routes."""
        path = request.path.rstrip("/")
        if request.method != "GET" or path not in (LEDGER, MISSING):
            return None
        try:
            if path == LEDGER:
                return json_reply(200, self._report(_listed(dict(request.query))))
            asked = whole_numbers(dict(request.query), {"limit": PAGE, "after": 0})
        except ValueError as error:
            return problem(400, str(error), f"GET {LEDGER}?full=1, or {MISSING}?limit=100&after=0")
        page = self._ledger.missing_page(after=asked["after"], limit=min(asked["limit"], _MOST))
        return json_reply(200, page)


def _listed(query: dict[str, str]) -> int | None:
    """How many missing ids are wanted; None: all."""
    if (full := query.pop("full", "0")) not in ("", "0", "1", "true", "false"):
        raise ValueError(f"full={full[:40]!r} is neither 0 nor 1")
    asked = whole_numbers(query, {"limit": LISTED_MISSING})
    return None if full in ("", "1", "true") else asked["limit"]
