"""The options of `grantex-sim serve`, and what they ask for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError
from simulator.fault_options import faults_from


if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.app import Options
    from simulator.emission import Source, Timed


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Which events, and how fast."""
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


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Where to listen, for whom, and what the intake answers."""
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
    group.add_argument(
        "--json",
        action="store_true",
        help="say where it listens as one JSON line, and at the end what it came to as another",
    )
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
        faults=faults_from(args),
        fault_seed=args.fault_seed,
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
