"""Entry point of `grantex-sim`: one parser, errors to exit codes. `--help` imports only argparse."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, GrantexTuiError, UsageError


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.app import Options, Simulator
    from simulator.emission import Source, Timed

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
    _add_source_options(serve)
    _add_server_options(serve)
    serve.set_defaults(run=run_serve)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from grantex_tui import __version__

        sys.stdout.write(f"{parser.prog} {__version__}\n")
        parser.exit()


def _add_source_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("events")
    group.add_argument(
        "--replay",
        metavar="FILE",
        type=Path,
        help="a raw HTTP capture (curl -i --raw), a journal, or events one a line; .gz and .zst too",
    )
    group.add_argument(
        "--loop", action="store_true", help="begin again at the end; later rounds get new ids"
    )
    group.add_argument(
        "--rate", type=_amount, metavar="N", help="generated events a second (20; 0: no pauses)"
    )
    group.add_argument("--seed", type=int, metavar="N", help="of generated events (1)")
    group.add_argument(
        "--start", metavar="TIME", help="createdAt of the first generated event, RFC 3339 (now)"
    )
    group.add_argument(
        "--speed",
        type=_amount,
        metavar="N",
        help="1: real time; 10: ten times faster; 0: as fast as the client reads",
    )
    group.add_argument("--events", type=_count, metavar="N", help="no more than N events")
    group.add_argument(
        "--duration", type=_amount, metavar="S", help="only the first S seconds of event time"
    )
    group.add_argument(
        "--clients", type=_count, default=1, metavar="N", help="begin when N clients listen (1)"
    )


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("server")
    group.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    group.add_argument("--port", type=_port, default=8787, help="0 picks a free one (8787)")
    group.add_argument("--grantex-key", metavar="KEY", help="the only API key accepted")
    group.add_argument("--datadog-key", metavar="KEY", help="the only DD-API-KEY accepted")
    group.add_argument(
        "--intake-status",
        default="",
        metavar="SCRIPT",
        help="what the intake answers, in order: STATUS, STATUSxTIMES, STATUS*, with @SECONDS for "
        "Retry-After; 202 means what the real intake would say",
    )
    group.add_argument(
        "--intake-delay", type=_amount, default=0.0, metavar="S", help="seconds before each answer"
    )
    group.add_argument("--json", action="store_true", help="say where it listens as one JSON line")
    group.add_argument("--quiet", action="store_true", help="say nothing")


def _amount(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("not a number from 0 up")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("not a whole number from 1 up")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("not a port from 0 to 65535")
    return value


def options_from(args: argparse.Namespace) -> Options:
    """What *args* ask for.

    Raises:
        UsageError: Options that don't fit together.
        RecordingError: The file to replay can't be read.
    """
    from simulator.app import DATADOG_KEY, GRANTEX_KEY, Options

    unpaced = args.rate == 0 and args.replay is None
    speed = args.speed if args.speed is not None else 0.0 if unpaced else 1.0
    return Options(
        host=args.host,
        port=args.port,
        grantex_key=args.grantex_key or GRANTEX_KEY,
        datadog_key=args.datadog_key or DATADOG_KEY,
        source=_limited(_source_from(args), args.events, args.duration),
        speed=speed,
        clients=args.clients,
        intake_statuses=args.intake_status,
        intake_delay=args.intake_delay,
    )


def _source_from(args: argparse.Namespace) -> Source:
    generating = [name for name in ("rate", "seed", "start") if getattr(args, name) is not None]
    if args.replay is not None:
        from simulator.replay import replay

        if generating:
            raise UsageError(
                f"--{generating[0]} is for generated events, --replay has its own",
                hint="Leave one of them out.",
            )
        return replay(args.replay, loop=args.loop)
    if args.loop:
        raise UsageError("--loop needs a file to replay", hint="Add --replay FILE.")
    from simulator.generate import generated

    rate = 20.0 if args.rate is None else args.rate
    seed = 1 if args.seed is None else args.seed
    return generated(rate=rate, seed=seed, start=_start(args.start))


def _start(text: str | None) -> float | None:
    from grantex_tui.clock import parse_rfc3339

    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise UsageError(
            f"--start {text!r} is no instant", hint="Write it as 2026-01-05T09:00:00Z."
        ) from None


def _limited(source: Source, events: int | None, duration: float | None) -> Source:
    from itertools import islice, takewhile

    def limited(start: float) -> Iterator[Timed]:
        found = islice(source(start), events)
        return found if duration is None else takewhile(lambda event: event.at < duration, found)

    return limited


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
