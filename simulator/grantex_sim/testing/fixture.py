"""What a test does with its simulator: emit, spoil, wait, look, compare."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from grantex_sim.account.causes import causes, missing_line
from grantex_sim.account.expected import Expected, many, summary
from grantex_sim.account.verdicts import SETTLE
from grantex_sim.runtimes.environment import Entrance, environment
from grantex_sim.runtimes.trust import trusted
from grantex_sim.service.session import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY
from grantex_sim.testing.nothing_lost import nothing_lost
from grantex_sim.testing.processes import Processes
from grantex_sim.testing.remote import RefusedError, Remote


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from subprocess import Popen

    from grantex_sim.account.report import Report

_PAGE: Final = 1_000
_LOOK: Final = 0.1
"""Seconds between two looks at whether a process still runs."""


class GrantexSim:
    """One session of a simulator, for one test.

    Its methods block; in an asynchronous test whose forwarder runs in the same loop, call those
    that wait through ``asyncio.to_thread``.

    Args:
        url: Of the session: Grantex's API, Datadog's, and the simulator's own are below it.
    """

    grantex_key = GRANTEX_KEY
    """For ``Authorization: Bearer …``."""
    datadog_key = DATADOG_KEY
    """For ``DD-API-KEY``."""
    datadog_app_key = DATADOG_APP_KEY
    """For ``DD-APPLICATION-KEY``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._remote = Remote(url)
        self._processes = Processes()

    @property
    def environ(self) -> dict[str, str]:
        """This process's environment, and in it where Grantex and Datadog are, and the keys.

        ``GRANTEX_URL``, ``GRANTEX_API_KEY``, ``DD_LOGS_URL``, ``DD_API_KEY``, ``DD_APP_KEY``. A
        proxy is not used on the way to the simulator.
        """
        host = urlsplit(self.url).hostname or ""
        direct = ",".join(
            filter(None, (os.environ.get("no_proxy"), os.environ.get("NO_PROXY"), host))
        )
        return {**os.environ, "NO_PROXY": direct, "no_proxy": direct, **self._addresses()}

    def _addresses(self) -> dict[str, str]:
        return {
            "GRANTEX_URL": self.url,
            "GRANTEX_API_KEY": self.grantex_key,
            "DD_LOGS_URL": self.url,
            "DD_API_KEY": self.datadog_key,
            "DD_APP_KEY": self.datadog_app_key,
        }

    def _runtime(self) -> dict[str, str]:
        """`environ`, and what brings a program here that knows nothing but fixed hosts.

        A server that is not of this process may speak no TLS; then there is nothing that would.
        """
        try:
            entrance = self._remote.json("POST", "/_sim/entrance")
        except RefusedError:
            return self.environ
        found = Entrance(
            url=entrance["url"],
            grantex_key=self.grantex_key,
            datadog_key=self.datadog_key,
            datadog_app_key=self.datadog_app_key,
        )
        given = environment(found, trusted(entrance["ca"]), self.environ)
        return {**given, **self._addresses(), "GRANTEX_SIM_URL": self.url}

    def start(
        self, *command: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> Popen[bytes]:
        """Start a forwarder as a process and wait until it listens; it ends with the test.

        It comes here whether it can be told addresses or knows fixed hosts only, as under
        `grantex-sim run`: see `grantex_sim.runtimes.environment`.

        Args:
            command: The program and its arguments: ``start(sys.executable, "forwarder.py")``.
            env: Variables on top of those.
            timeout_s: Seconds that it may take to open the stream.

        Raises:
            AssertionError: It ended before it opened the stream, or took longer.
            OSError: There is no such program.
        """
        __tracebackhide__ = True
        words = [str(word) for word in command]
        wanted = self.ledger.clients + 1
        process = self._processes.start(words, {**self._runtime(), **(env or {})})
        until = time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > _LOOK:
            if self._remote.wait(min(_LOOK, left), clients=wanted).report.clients >= wanted:
                return process
            if process.poll() is not None:
                raise AssertionError(
                    f"{' '.join(words)!r} ended with {process.returncode} before it opened the "
                    f"stream at {self.url}/v1/events/stream; its own output says why"
                )
        self._wait(max(0.0, left), clients=wanted)
        return process

    def emit(self, *events: bytes | str | Mapping[str, object]) -> list[str]:
        """Put events on the stream now; gives their ids.

        Each as bytes or text, which go out as they are; as a mapping, written as compact JSON; or
        two arguments, ``emit("grant.revoked", {"grantId": "grnt_1"})``: a type and its data, for
        an event that gets an id and the present as its ``createdAt``.

        Raises:
            RefusedError: The simulator can't read them.
            TypeError: More than a type and its data, or data that are no mapping.
        """
        __tracebackhide__ = True
        if events and isinstance(events[0], str) and not events[0].lstrip().startswith("{"):
            events = (_typed(*events),)
        payloads = [_payload(event) for event in events]
        return list(json.loads(self._remote.ask("POST", "/_sim/emit", _joined(payloads)))["ids"])

    def scenario(
        self, name_or_path: str | Path, *, speed: float = 0.0, seed: int | None = None
    ) -> None:
        """Begin to emit a scenario, once the first client listens.

        Args:
            name_or_path: One that comes with the package (``grantex-sim list``), or a file.
            speed: 0: as fast as clients read; 1: in real time; 60: a minute a second.
            seed: Instead of the scenario's own.

        Raises:
            RefusedError: There is no such scenario, or the file has mistakes.
            OSError: The file can't be read.
        """
        __tracebackhide__ = True
        from pathlib import Path

        path = Path(name_or_path)
        is_file = path.suffix or path.is_file()
        what = (
            {"text": path.read_text("utf-8"), "path": str(path)}
            if is_file
            else {"name": str(name_or_path)}
        )
        self._remote.json("POST", "/_sim/scenario", {**what, "speed": speed, "seed": seed})

    def faults(self, *faults: str | Mapping[str, object], add: bool = False) -> None:
        """Have things go wrong from now on, instead of what did before.

        Args:
            faults: As a line (``"intake first=2 status=503"``) or as in a scenario file
                (``{"on": "intake", "first": 2, "do": {"status": 503}}``); none: all is well.
            add: Keep those in force.

        Raises:
            RefusedError: A fault can't be read; none of them is in force then.
        """
        __tracebackhide__ = True
        if faults:  # in one request: a mistake in any of them leaves all as it was
            path = "/_sim/faults?add=1" if add else "/_sim/faults"
            self._remote.ask("POST", path, _script(faults).encode())
        elif not add:
            self._remote.ask("DELETE", "/_sim/faults")

    @property
    def ledger(self) -> Report:
        """The account so far, with ``emitted``, ``delivered``, ``missing``, ``requests`` and more."""
        __tracebackhide__ = True
        return self._remote.ledger()

    def wait_delivered(self, count: int, timeout_s: float = 10.0) -> Report:
        """Wait until *count* events have been delivered; gives the account then.

        Raises:
            AssertionError: It took longer than *timeout_s* seconds.
        """
        __tracebackhide__ = True
        return self._wait(timeout_s, delivered=count)

    def wait_requests(self, count: int, timeout_s: float = 10.0) -> Report:
        """Wait until the intake has answered *count* requests, however; gives the account then.

        Raises:
            AssertionError: It took longer than *timeout_s* seconds.
        """
        __tracebackhide__ = True
        return self._wait(timeout_s, requests=count)

    def wait_clients(self, count: int = 1, timeout_s: float = 10.0) -> Report:
        """Wait until exactly *count* streams are open.

        Raises:
            AssertionError: It took longer than *timeout_s* seconds.
        """
        __tracebackhide__ = True
        return self._wait(timeout_s, clients=count)

    def assert_delivered_all(
        self, *, max_duplicates: int | None = 0, timeout_s: float = 10.0
    ) -> Report:
        """Every event emitted has been delivered, waiting for it if need be.

        Raises:
            AssertionError: With the ids of what is missing, duplicated or altered.
        """
        __tracebackhide__ = True
        report = self._remote.wait(timeout_s, emitted=1, missing=0).report
        expected = Expected(delivered_all=True, max_duplicates=max_duplicates, max_altered=0)
        broken = expected.broken_by(report)
        if broken:
            why = causes(report) if any(each.is_loss for each in broken) else ()
            raise AssertionError("\n".join([*map(str, broken), summary(report), *why]))
        return report

    def assert_nothing_lost(self, *, settle_s: float = SETTLE, timeout_s: float = 10.0) -> Report:
        """Every event that a client heard whole has been delivered, waiting for it if need be.

        What a fault kept from every client, what the intake refuses to the end, and what was
        emitted while nobody listened is nobody's loss.

        Args:
            settle_s: How long a forwarder may take for what it has heard.
            timeout_s: How long to wait at most, besides.

        Raises:
            AssertionError: With the ids of what is lost; or nothing was emitted, or nobody listened.
        """
        __tracebackhide__ = True
        return nothing_lost(self._remote, settle_s=settle_s, timeout_s=timeout_s)

    def logs(self, query: str = "*") -> list[dict[str, Any]]:
        """The logs that *query* (Datadog's syntax) finds, the oldest first, as the API gives them.

        Raises:
            RefusedError: It is no search.
        """
        __tracebackhide__ = True
        found: list[dict[str, Any]] = []
        page: dict[str, object] = {"limit": _PAGE}
        while True:
            # Sped up events are dated ahead of the clock; the intake takes 2 h of it.
            chosen = {"query": query, "from": "0", "to": "now+2h"}
            body = {"filter": chosen, "page": page, "sort": "timestamp"}
            answer = self._datadog("/api/v2/logs/events/search", body)
            found += answer["data"]
            after = answer.get("meta", {}).get("page", {}).get("after")
            if not after:
                return found
            page = {"limit": _PAGE, "cursor": after}

    @property
    def notifications(self) -> list[dict[str, Any]]:
        """What the monitors posted to this Datadog would have sent, the oldest first."""
        answer: dict[str, list[dict[str, Any]]] = self._remote.json("GET", "/_sim/notifications")
        return answer["notifications"]

    def advance(self, time: str) -> None:
        """Let *time* pass in an instant: ``"90s"``, ``"5m"``, ``"1h"``; see ``/_sim/clock``."""
        __tracebackhide__ = True
        self._remote.json("POST", "/_sim/clock", {"advance": time})

    def reset(self) -> None:
        """Begin a new account, and the faults from their start."""
        self._remote.ask("POST", "/_sim/reset", b"")

    def end(self) -> None:
        """End the session, its streams, and the processes that were started."""
        self._processes.end()
        self._remote.ask("DELETE", "/_sim")

    def _datadog(self, path: str, body: object) -> Any:
        __tracebackhide__ = True
        headers = {
            "DD-API-KEY": self.datadog_key,
            "DD-APPLICATION-KEY": self.datadog_app_key,
            "Content-Type": "application/json",
        }
        return json.loads(
            self._remote.ask("POST", path, json.dumps(body).encode(), headers=headers)
        )

    def _wait(self, timeout_s: float, **counts: int) -> Report:
        __tracebackhide__ = True
        reached, report = self._remote.wait(timeout_s, **counts)
        if not reached:
            wanted = ", ".join(f"{name} = {count}" for name, count in counts.items())
            clients = many(report.clients, "client")
            said = (
                f"not reached in {timeout_s:g} s: {wanted}; {summary(report)}, {clients} listening"
            )
            raise AssertionError(
                "\n".join(filter(None, (said, missing_line(report), *causes(report))))
            )
        return report


def _typed(kind: object, data: object = None, *more: object) -> dict[str, object]:
    """An event of a type, whose id and instant the simulator adds."""
    __tracebackhide__ = True
    if more or not (data is None or isinstance(data, Mapping)):
        raise TypeError(
            f"emit({kind!r}, ...) takes a type and its data, a mapping; "
            'several events are mappings: emit({"type": ...}, {"type": ...})'
        )
    return {"type": kind, "data": data or {}}


def _payload(event: bytes | str | Mapping[str, object]) -> bytes:
    if isinstance(event, bytes):
        return event
    if isinstance(event, str):
        return event.encode()
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _script(faults: Sequence[str | Mapping[str, object]]) -> str:
    """Faults as one text: lines if all are texts (one may have several), else as JSON."""
    lines = [fault for fault in faults if isinstance(fault, str)]
    return "\n".join(lines) if len(lines) == len(faults) else json.dumps(faults)


def _joined(payloads: Sequence[bytes]) -> bytes:
    """One a line; as an array where a payload has several."""
    if any(b"\n" in payload for payload in payloads):
        return b"[" + b",".join(payloads) + b"]"
    return b"\n".join(payloads)
