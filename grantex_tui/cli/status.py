"""`grantex-tui status`: how a running `watch` stands, asked through the socket in its journal."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grantex_tui.cli.options import duration
from grantex_tui.errors import ExitCode, UnreachableError, UsageError
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    import argparse

_AGAIN = 0.2
_PATIENCE = 10.0
"""Seconds that an answer may take: a run that has just begun answers after one."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "status",
        help="how a running watch stands",
        description="Ask a running `watch` how it stands, through the socket in its journal's folder.",
        epilog="exit codes: 0 ready, 1 not ready or nobody answers",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="its journal, or the folder of several"
    )
    parser.add_argument("--json", action="store_true", help="everything, a JSON object a run")
    parser.add_argument("--metrics", action="store_true", help="the same as OpenMetrics")
    parser.add_argument(
        "--wait", type=duration, metavar="DURATION", default=0.0,
        help="wait so long until it is ready (0)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `status` as *args* say."""
    until = time.monotonic() + args.wait
    while True:
        try:
            statuses = [json.loads(_ask(path, "/status")) for path in _sockets(args.folder)]
        except UnreachableError:
            if time.monotonic() >= until:
                raise
            statuses = []
        ready = bool(statuses) and all(status["ready"] for status in statuses)
        if ready or time.monotonic() >= until:
            break
        time.sleep(_AGAIN)
    if args.metrics:
        sys.stdout.write("".join(_ask(path, "/metrics") for path in _sockets(args.folder)))
    for status in () if args.metrics else statuses:
        print(json.dumps(status) if args.json else words(status))
    return ExitCode.OK if ready else ExitCode.FAILED


def _sockets(folder: Path | None) -> list[Path]:
    """The sockets of the runs whose journals are at or below *folder*.

    Raises:
        UnreachableError: There is none.
    """
    from grantex_tui.watch.keeping import default_base
    from grantex_tui.watch.listen.sockets import STATUS_SOCKET

    base = folder or default_base()
    places = sorted([base / STATUS_SOCKET, *base.glob(f"*/{STATUS_SOCKET}")])
    running = [path for path in places if path.is_socket() and _answers(path)]
    if not running:
        raise UnreachableError(
            f"no `watch` is running with a journal in {base}",
            hint="Name the folder given to --journal; a run with --no-journal can't be asked.",
        )
    return running


def _answers(path: Path) -> bool:
    """Whether there is a run behind a socket: one that was killed leaves it behind."""
    from grantex_tui.watch.listen.sockets import connect_to

    try:
        connect_to(path).close()
    except ConnectionRefusedError:
        return False
    except OSError as error:
        raise UsageError(
            f"{path} can't be asked: {error.strerror or error}",
            hint="It is for its owner alone; run this as the user of the watch.",
        ) from error
    return True


def _ask(path: Path, page: str) -> str:
    """A page of the run behind the socket at *path*.

    Raises:
        UnreachableError: It does not answer.
    """
    from http.client import HTTPConnection, HTTPException

    from grantex_tui.watch.listen.sockets import connect_to

    connection = HTTPConnection("localhost")
    try:
        connection.sock = connect_to(path)
        connection.sock.settimeout(_PATIENCE)
        connection.request("GET", page)
        return connection.getresponse().read().decode()
    except (OSError, HTTPException) as error:
        raise UnreachableError(
            f"the watch behind {path} does not answer: {str(error) or type(error).__name__}",
            hint="It may be ending, or hang; look at its log.",
        ) from error
    finally:
        connection.close()


def words(status: dict[str, Any]) -> str:
    """A status as a few lines, the bad first."""
    lines = [
        f"{printable(trouble['word'], limit=30)}: {printable(trouble['what'], limit=300)} "
        f"{printable(trouble['remedy'], limit=300)}"
        for trouble in status["troubles"]
    ]
    ready = "ready" if status["ready"] else "not ready"
    lines.append(f"{ready}: {printable(status['line'], limit=600)}")
    states = Counter(monitor["state"] for monitor in status["monitors"])
    if states:
        lines.append("monitors: " + ", ".join(f"{n} {state}" for state, n in states.items()))
    journal = status["journal"]
    if journal["bytes"] is not None:
        lines.append(
            f"journal {journal['path']}: {journal['bytes'] / 1e6:,.1f} MB of "
            f"{journal['limit'] / 1e6:,.0f} MB, {journal['diskFree'] / 1e9:,.1f} GB free"
        )
    lines.append(
        f"process {status['process']}, version {status['version']}, since {status['startedAt']}"
    )
    return "\n".join(lines)
