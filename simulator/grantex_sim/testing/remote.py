"""A simulator's own API from outside: what `assert` and the pytest fixture ask it.

A connection for each request, so that it can be used from any thread; only the standard library,
imported when the first request is made.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from grantex_tui.errors import GrantexTuiError, UnreachableError, UsageError


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.account.report import MissingPage, Report

_Kind = TypeVar("_Kind")
PATIENCE: Final = 30.0
"""Seconds that an answer may take, over what it was asked to wait."""
_GLANCE: Final = 0.1
"""Seconds between two looks at an account that only time can settle."""


class RefusedError(GrantexTuiError):
    """The simulator could not do what it was asked."""


class Waited(NamedTuple):
    """Whether what was waited for was reached, and the account then."""

    reached: bool
    report: Report


class Remote:
    """One session of a running simulator.

    Args:
        url: Of the session: ``http://127.0.0.1:8787`` or ``http://127.0.0.1:8787/s/NAME``.

    Raises:
        UsageError: *url* is no http address.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            is_address = bool(parts.scheme == "http" and parts.hostname and parts.port != 0)
        except ValueError:  # a port that is none, half an IPv6 address
            is_address = False
        if not is_address or parts.query or parts.fragment or "@" in parts.netloc:
            raise UsageError(
                f"{url!r} is no simulator's address", hint="Such as http://127.0.0.1:8787."
            )
        self.url = url.rstrip("/")
        self._address = parts.netloc
        self._prefix = parts.path.rstrip("/")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> bytes:
        """The answer's body.

        Raises:
            UnreachableError: Nobody answers there.
            RefusedError: The answer is an error, with what it says.
        """
        __tracebackhide__ = True
        import http.client

        connection = http.client.HTTPConnection(self._address, timeout=patience)
        try:
            wanted = {"Connection": "close", **(headers or {})}
            connection.request(method, self._prefix + path, body, wanted)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"no simulator answers at {self.url}: {error}",
                hint="Start one with `grantex-sim serve`, or give its --url.",
            ) from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise _refused(f"{method} {self.url}{path}", answer.status, text)
        return text

    def ledger(self, settle: float | None = None) -> Report:
        """The account so far; what was heard is pending for *settle* seconds."""
        __tracebackhide__ = True
        from grantex_sim.account.report import Report

        asked = "" if settle is None else f"?settle={settle:g}"
        return _read(self.ask("GET", f"/_sim/ledger{asked}"), Report)

    def judged(self, wait: float, settle: float) -> Report:
        """The account once no event is pending any more.

        Args:
            wait: Seconds that deliveries may take at most, besides those in which to settle.
            settle: Seconds for which what was heard is pending.
        """
        __tracebackhide__ = True
        import time

        deadline = time.monotonic() + wait + settle
        while True:
            report = self.ledger(settle)
            still = report.verdicts.pending or (report.emitting and not report.verdicts.lost)
            if not still or time.monotonic() >= deadline:
                return report
            time.sleep(_GLANCE)

    def missing(self, limit: int, *, verdict: str = "", settle: float | None = None) -> MissingPage:
        """The first *limit* events that are missing, of one *verdict* if that is given."""
        from grantex_sim.account.report import MissingPage

        asked = f"limit={limit}" + (f"&verdict={verdict}" if verdict else "")
        asked += "" if settle is None else f"&settle={settle:g}"
        return _read(self.ask("GET", f"/_sim/missing?{asked}"), MissingPage)

    def wait(self, timeout_s: float, **counts: int) -> Waited:
        """Wait for *counts* as ``/_sim/wait`` knows them."""
        __tracebackhide__ = True
        from grantex_sim.account.report import Report

        query = "&".join(f"{name}={count}" for name, count in counts.items())
        path = f"/_sim/wait?{query}&timeout={timeout_s:g}"
        text = self.ask("GET", path, patience=timeout_s + PATIENCE)
        report = _read(text, Report)
        return Waited(bool(json.loads(text).get("reached")), report)

    def json(self, method: str, path: str, body: object = None) -> Any:
        """Ask, with a JSON body if one is given, and read the JSON that comes back."""
        __tracebackhide__ = True
        text = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.ask(method, path, text, headers=headers)
        try:
            return json.loads(answer)
        except ValueError as error:
            raise _no_simulator(error) from None


def session_url(url: str, name: str) -> str:
    """The address of the session *name* of the server at *url*; the server's own without name."""
    return f"{url.rstrip('/')}/s/{quote(name, safe='')}" if name else url.rstrip("/")


def _read(text: bytes, kind: type[_Kind]) -> _Kind:
    import msgspec

    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _no_simulator(error) from None


def _no_simulator(error: Exception) -> RefusedError:
    return RefusedError(
        f"what answers is no ledger: {error}",
        hint="Is it a grantex-sim of this version that listens there?",
    )


def _refused(asked: str, status: int, text: bytes) -> RefusedError:
    from grantex_tui.words.display import printable

    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    fields = said if isinstance(said, dict) else {}
    what = printable(str(fields.get("error") or text.decode("utf-8", "replace")), limit=2_000)
    return RefusedError(
        f"{asked} was answered {status}: {what}",
        hint=printable(str(fields.get("hint", "")), limit=2_000),
    )
