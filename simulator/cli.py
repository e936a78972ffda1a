"""Entry point of `grantex-sim`: one parser, errors to exit codes. `--help` imports only argparse."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, GrantexTuiError, UsageError
from simulator.options import add_server_options, add_source_options, options_from


if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.app import Simulator

_DESCRIPTION = """\
A Grantex event stream and a Datadog logs intake on this machine, with the real services' limits,
errors and habits, and a ledger that says what was lost.
"""
_SERVE = """\
Serve a Grantex event stream and a Datadog logs intake on one port, for this machine only.

Events begin when the first client listens, so that it loses none, and from then on everybody gets
every event from the moment of listening: like the real service, nothing is ever sent again.
At a speed, time goes on whether or not anybody listens. With --speed 0 the fastest client sets the
pace, and nothing is emitted while nobody listens. A client that leaves 32 MiB unread is cut.
After the last event the stream stays open.
"""
_EPILOG = """\
examples:
  grantex-sim serve                                      20 generated events a second
  grantex-sim serve --rate 500 --seed 7 --events 10000
  grantex-sim serve --replay capture.txt --speed 0       what a real stream sent, at once
  grantex-sim serve --intake-status 500x2,429@3,202*     two failures, one 429, then fine
  curl localhost:8787/_sim/ledger                        emitted, delivered, missing, requests
  curl 'localhost:8787/_sim/wait?delivered=100&timeout=30'
exit codes: 0 ended by SIGTERM, 2 usage, 3 a file is invalid, 130 interrupted
"""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(prog="grantex-sim", description=_DESCRIPTION)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    serve = commands.add_parser(
        "serve",
        help="a Grantex and a Datadog on one port",
        description=_SERVE,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source_options(serve)
    add_server_options(serve)
    serve.set_defaults(run=run_serve)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from grantex_tui import __version__

        sys.stdout.write(f"{parser.prog} {__version__}\n")
        parser.exit()


def run_serve(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    import asyncio

    from simulator.app import Simulator

    return asyncio.run(_serve(Simulator(options_from(args)), args))


async def _serve(simulator: Simulator, args: argparse.Namespace) -> int:
    import asyncio
    import contextlib
    import signal

    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def fail(emission: asyncio.Task[None]) -> None:
        if not emission.cancelled() and (error := emission.exception()) and not ended.done():
            ended.set_exception(error)

    loop.add_signal_handler(signal.SIGINT, end, ExitCode.INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, end, ExitCode.OK)
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(simulator)
        except OSError as error:
            raise _cannot_listen(simulator, error) from error
        if simulator.emission is not None:
            simulator.emission.add_done_callback(fail)
        if args.json or not args.quiet:
            sys.stdout.write(_ready(simulator, as_json=args.json))
            sys.stdout.flush()
        return await ended


def _cannot_listen(simulator: Simulator, error: OSError) -> UsageError:
    options = simulator.options
    return UsageError(
        f"can't listen on {options.host}:{options.port}: {error.strerror or error}",
        hint="Choose another --port; 0 picks a free one.",
    )


def _ready(simulator: Simulator, *, as_json: bool) -> str:
    import json
    import shlex

    grantex_key, datadog_key = simulator.options.grantex_key, simulator.options.datadog_key
    if as_json:
        said = {
            "url": simulator.url,
            "grantexApiKey": grantex_key,
            "datadogApiKey": datadog_key,
        }
        return json.dumps(said) + "\n"
    return (
        f"export GRANTEX_URL={simulator.url} GRANTEX_API_KEY={shlex.quote(grantex_key)} "
        f"DD_API_KEY={shlex.quote(datadog_key)}\n"
        f"grantex-tui watch --intake-url {simulator.url}\n"
        f"curl {simulator.url}/_sim/ledger\n"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the process's exit code."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return ExitCode.USAGE
    try:
        return int(args.run(args))
    except GrantexTuiError as error:
        hint = f"\n  {error.hint}" if error.hint else ""
        sys.stderr.write(f"grantex-sim: {error.message}{hint}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone: nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
