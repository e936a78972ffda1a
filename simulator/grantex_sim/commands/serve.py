"""`grantex-sim serve`: both services on one port until a signal comes."""

from __future__ import annotations

import argparse
import contextlib
import errno
import sys
from typing import TYPE_CHECKING

from grantex_sim.commands.fault_options import add_fault_options
from grantex_sim.commands.options import add_server_options, add_source_options, options_from
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable

    from grantex_sim.service.app import Simulator
    from grantex_sim.service.terminal import Status

_SERVE = """\
Serve a Grantex event stream and a Datadog logs intake on one port, for this machine only.

Events begin when the first client listens, so that it loses none, and from then on everybody gets
every event from the moment of listening: like the real service, nothing is ever sent again.
In real time, or with a --speed above 0, time goes on whether or not anybody listens. With --speed 0
the fastest client sets the pace, and nothing is emitted while nobody listens. A client that leaves
32 MiB unread is cut. After the last event the stream stays open.

Addresses and keys go to stdout, what happens meanwhile to stderr. A browser shows both sides at /.
"""
_EPILOG = """\
examples:
  grantex-sim serve                                      20 generated events a second
  grantex-sim serve revocation-storm                     a scenario, from now on, in real time
  grantex-sim serve two-weeks --speed 0                  its own dates, as fast as clients read
  grantex-sim serve --rate 500 --seed 7 --events 10000
  grantex-sim serve --replay capture.txt --speed 0       what a real stream sent, at once
  grantex-sim serve --intake-status 500x2,429@3,202*     two failures, one 429, then fine
  grantex-sim serve --fault 'stream every=2 reset-after-events=50' --fault 'intake p=0.1 lost-202'
  curl localhost:8787/_sim/ledger                        emitted, delivered, missing, requests
  curl 'localhost:8787/_sim/wait?delivered=100&timeout=30'
  curl localhost:8787/_sim                               everything that can be asked and done

--json prints two lines: {"url", "grantexApiKey", "datadogApiKey", "datadogAppKey"} once it accepts
connections, and {"clients", "clientsCut", "emitted", "delivered", "missing", "duplicates",
"requests", "refused"} at the end.
exit codes: 0 ended by SIGTERM, 1 stdout can't be written, 2 usage or the port is taken,
            3 a file is invalid, 130 interrupted
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve` to *commands*."""
    parser = commands.add_parser(
        "serve",
        help="a Grantex and a Datadog on one port",
        description=_SERVE,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source_options(parser)
    add_server_options(parser)
    add_fault_options(parser)
    parser.set_defaults(run=run_serve)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    import asyncio

    from grantex_sim.service.app import Simulator

    return asyncio.run(_serve(Simulator(options_from(args)), args))


async def _serve(simulator: Simulator, args: argparse.Namespace) -> int:
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def fail(error: BaseException) -> None:
        if not ended.done():
            ended.set_exception(error)

    simulator.on_failure = fail
    if args.end_with_stdin:
        _watch_stdin(loop, end)
    loop.add_signal_handler(signal.SIGINT, end, ExitCode.INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, end, ExitCode.OK)
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(simulator)
        except OSError as error:
            raise cannot_listen(simulator, error) from error
        if simulator.tls is not None:
            _ = simulator.tls.authority  # now, while somebody reads why it can't be had
        if args.json or not args.quiet:
            sys.stdout.write(_ready(simulator, as_json=args.json))
            sys.stdout.flush()
        if not args.quiet:
            sys.stderr.write(exposed(simulator.options.host))
        async with _showing(simulator.session.status, is_wanted=not (args.json or args.quiet)):
            code = await ended
        _part(simulator.session.status(), args)
        return code


def _watch_stdin(loop: asyncio.AbstractEventLoop, end: Callable[[int], None]) -> None:
    """Call *end* once stdin has ended."""
    import os

    stdin = sys.stdin.fileno()

    def look() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            end(ExitCode.OK)

    loop.add_reader(stdin, look)


@contextlib.asynccontextmanager
async def _showing(status: Callable[[], Status], *, is_wanted: bool) -> AsyncIterator[None]:
    """Show the status on stderr meanwhile, if that *is_wanted*."""
    import asyncio

    from grantex_sim.service.terminal import show

    if not is_wanted:
        yield
        return
    shown = asyncio.create_task(show(status, sys.stderr))
    try:
        yield
    finally:
        shown.cancel()
        await asyncio.wait([shown])


def _part(status: Status, args: argparse.Namespace) -> None:
    """Say what it came to."""
    import json

    from grantex_sim.service.terminal import farewell, has_room

    if args.json:
        numbers = {
            "clientsCut" if name == "clients_cut" else name: value
            for name, value in status._asdict().items()
            if type(value) is int
        }
        sys.stdout.write(json.dumps(numbers) + "\n")
    elif not args.quiet and has_room(sys.stderr):
        sys.stderr.write(farewell(status) + "\n")


def cannot_listen(simulator: Simulator, error: OSError) -> UsageError:
    """Why the address of *simulator* can't be had, and what to do."""
    options = simulator.options
    return UsageError(
        f"can't listen on {options.host} port {options.port}: {_reason(error)}",
        hint="Choose another --port; 0 picks a free one."
        if error.errno in (errno.EADDRINUSE, errno.EACCES)
        else "Choose another --host; 127.0.0.1 is this machine only.",
    )


def _reason(error: OSError) -> str:
    """What the system says, without asyncio's account of what it did."""
    import os
    import socket

    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror or error)
    return os.strerror(error.errno).lower()


def exposed(host: str) -> str:
    """A warning for those who listen on more than this machine; empty if *host* is its loopback."""
    import ipaddress

    try:
        is_here = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        is_here = host == "localhost"
    if is_here:
        return ""
    return (
        f"listening on {host}: whoever can reach this machine can use the simulator; "
        "its usual keys are known to everybody\n"
    )


def _ready(simulator: Simulator, *, as_json: bool) -> str:
    import json
    import shlex

    grantex_key, datadog_key = (
        simulator.options.grantex_key,
        simulator.options.datadog_key,
    )
    app_key = simulator.options.datadog_app_key
    if as_json:
        said = {
            "url": simulator.url,
            "grantexApiKey": grantex_key,
            "datadogApiKey": datadog_key,
            "datadogAppKey": app_key,
        }
        return json.dumps(said) + "\n"
    return (
        f"export GRANTEX_URL={simulator.url} GRANTEX_API_KEY={shlex.quote(grantex_key)} "
        f"DD_API_KEY={shlex.quote(datadog_key)} DD_APP_KEY={shlex.quote(app_key)}\n"
        f"grantex-tui watch --intake-url {simulator.url}\n"
        f"curl {simulator.url}/_sim/ledger\n"
    )
