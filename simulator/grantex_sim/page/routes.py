"""The page's routes: the page itself, its live part, one request, script and style."""

from __future__ import annotations

import secrets
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from grantex_sim.http.coding import decode_body
from grantex_sim.http.wire import head_bytes
from grantex_sim.intake.contract import MAX_BODY
from grantex_sim.page import html
from grantex_sim.page.recent import PREFIX_HEADER
from grantex_sim.page.view import LogSearch, tables
from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.account.report import Report
    from grantex_sim.http.wire import Request
    from grantex_sim.page.recent import Received, Recent
    from grantex_sim.page.view import SessionRow, VerdictOf

_REQUESTS: Final = "/_sim/requests/"
_DIGITS: Final = 15
"""Of a request's number, at most."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Page:
    """Answers a browser.

    Args:
        recent: What passed lately.
        report: The account.
        faults: The faults in force, one line each.
        verdict: What has become of the event of an id, and the fault to blame.
        sessions: Those that have a name, for the page of the one that has none.
    """

    def __init__(
        self,
        recent: Recent,
        *,
        report: Callable[[], Report],
        faults: Callable[[], Sequence[str]],
        verdict: VerdictOf,
        sessions: Callable[[], Sequence[SessionRow]] = tuple,
    ) -> None:
        self._recent = recent
        self._report = report
        self._faults = faults
        self._verdict = verdict
        self._sessions = sessions
        self._run = secrets.token_hex(4)
        """Tells this page's versions from those of a server that was here before."""
        self._search: LogSearch | None = None

    def answer(self, request: Request) -> bytes | None:
        """The answer to *request*; None if it is not for the page."""
        if request.method != "GET":
            return None
        if request.path == "/":
            query = request.parameter("q")
            prefix = request.header(PREFIX_HEADER)
            here = f"http://{request.header('host')}{prefix}"
            above = "../../" if prefix else ""
            body = html.overview(here, query, self._live(query), above=above)
            return _html(html.document("grantex-sim", body, root=""))
        if request.path == "/_sim/page":
            return self._changes(request)
        if request.path in ("/_sim/page.css", "/_sim/page.js"):
            return _asset(request.path.rpartition("/")[2])
        if request.path.startswith(_REQUESTS):
            return self._one_request(request.path.removeprefix(_REQUESTS))
        return None

    def _live(self, query: str) -> str:
        if self._search is None:  # compiling the pipelines is for those who look
            self._search = LogSearch()
        chosen = tables(self._recent, query, self._search, verdict=self._verdict)
        return html.live_part(self._report(), self._faults(), chosen, self._sessions())

    def _changes(self, request: Request) -> bytes:
        report = self._report()
        beside = hash((report.verdicts, *self._faults(), *self._sessions()))
        version = (
            f"{self._run}.{self._recent.version}.{report.delivered}.{report.clients}.{beside:x}"
        )
        if request.parameter("known") == version:
            return _response(204, "text/html; charset=utf-8", b"")
        text = self._live(request.parameter("q")).encode("utf-8", "replace")
        return _response(200, "text/html; charset=utf-8", text, (("x-sim-version", version),))

    def _one_request(self, number: str) -> bytes:
        is_number = number.isascii() and number.isdigit() and len(number) <= _DIGITS
        wanted = int(number) if is_number else 0
        found = self._recent.request(wanted)
        title = f"request {wanted}"
        if found is None:
            page = html.document(title, html.gone_page(wanted), root="../../")
            return _html(page, status=404)
        page = html.request_page(found, _body_text(found))
        return _html(html.document(title, page, root="../../"))


def _body_text(received: Received) -> str:
    """The body of a request as text, decoded as it says; why not, if it can't be."""
    try:
        body = decode_body(received.body, received.exchange.encoding, MAX_BODY)
    except GrantexTuiError as error:
        return f"{len(received.body):,} bytes that can't be shown: {error}"
    return body.decode("utf-8", "replace")


def _html(text: str, *, status: int = 200) -> bytes:
    return _response(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"))


def _asset(name: str) -> bytes:
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    body = files("grantex_sim.page").joinpath(name).read_bytes()
    return _response(200, f"{kind}; charset=utf-8", body)


def _response(
    status: int, kind: str, body: bytes, extra: tuple[tuple[str, str], ...] = ()
) -> bytes:
    headers = (
        ("content-type", kind),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("content-security-policy", _POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        *extra,
    )
    return head_bytes(status, headers) + body
