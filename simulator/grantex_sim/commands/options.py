"""The options of `grantex-sim serve`, and what they ask for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grantex_sim.commands import arguments
from grantex_sim.commands.fault_options import fault_seed_from, faults_from
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.events.emission import Source, Timed
    from grantex_sim.faults.model import Fault
    from grantex_sim.service.app import Options


_USUAL = "a fixed one, which is printed"


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Which events, and how fast."""
    group = parser.add_argument_group("events")
    group.add_argument(
        "scenario",
        nargs="?",
        metavar="SCENARIO",
        help="a name of `grantex-sim list`, or a file; without it all types at a steady rate",
    )
    group.add_argument(
        "--replay",
        metavar="FILE",
        type=Path,
        help="a raw HTTP capture (curl -i --raw), a journal, or events one a line; .gz and .zst too",
    )
    group.add_argument(
        "--loop",
        action="store_true",
        help="begin the --replay file again at its end; later rounds get new ids",
    )
    group.add_argument(
        "--rate",
        type=arguments.amount,
        metavar="N",
        help="generated events a second of event time (20); 0: no pauses",
    )
    group.add_argument(
        "--seed",
        type=arguments.seed,
        default=argparse.SUPPRESS,
        metavar="N",
        help="another course of the same events, 0 and up (1, or the scenario's own); random: one that "
        "is told, so that you can have it again",
    )
    group.add_argument(
        "--start",
        metavar="TIME",
        help="when generated events begin, RFC 3339, or now: when the first client has connected; "
        "by default now, or with a scenario at a speed other than 1 its own start",
    )
    group.add_argument(
        "--speed",
        type=arguments.amount,
        metavar="N",
        help="1: real time (the default); 10: ten times faster; 0: as fast as clients read",
    )
    group.add_argument(
        "--events",
        type=_limit,
        metavar="N",
        help="no more than N events (no end, or the source's own); 0: only those that are posted to "
        "/_sim/emit",
    )
    group.add_argument(
        "--duration",
        type=arguments.duration,
        metavar="D",
        help="only so long a part of event time: 90s, 2h, 14d (no end)",
    )
    group.add_argument(
        "--clients", type=_count, default=1, metavar="N", help="begin when N clients listen (1)"
    )


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Where to listen, for whom, and what the intake answers."""
    group = parser.add_argument_group("server")
    group.add_argument(
        "--host",
        type=_host,
        default="127.0.0.1",
        help="address to listen on (127.0.0.1: this machine only); 0.0.0.0 or ::, which let "
        "everybody in that can reach it",
    )
    group.add_argument(
        "--port",
        type=_port,
        default=8787,
        help="0 picks a free one, which the first line says (8787)",
    )
    group.add_argument(
        "--allow-host",
        action="append",
        type=_host,
        default=[],
        metavar="NAME",
        help="another name by which the page, /_sim and /fakeintake may be asked for, such as that of "
        "a container; repeatable (addresses, localhost and --host)",
    )
    group.add_argument(
        "--tls",
        action="store_true",
        help="speak TLS, too, on the same port, by an authority that is kept for 30 days: "
        "`grantex-sim ca trust-hint` says how clients are told of it",
    )
    group.add_argument(
        "--pass-through",
        action="append",
        type=_name,
        default=[],
        metavar="HOST",
        help="let clients reach HOST through the proxy; *.example.com is each below it; repeatable "
        "(none: only the played hosts, and they end here)",
    )
    group.add_argument(
        "--proxy-auth",
        type=_user_and_password,
        metavar="USER:PASSWORD",
        help="what the proxy wants from clients, for testing those that have to give it (nothing)",
    )
    group.add_argument("--grantex-key", metavar="KEY", help=f"the only API key accepted ({_USUAL})")
    group.add_argument(
        "--datadog-key", metavar="KEY", help=f"the only DD-API-KEY accepted ({_USUAL})"
    )
    group.add_argument(
        "--datadog-app-key", metavar="KEY", help=f"the only DD-APPLICATION-KEY accepted ({_USUAL})"
    )
    group.add_argument(
        "--plan-limit",
        type=_count,
        metavar="N",
        help="requests a minute of Grantex's plan: 100 free, 500 pro, 2000 enterprise (the default)",
    )
    group.add_argument(
        "--intake-status",
        default="",
        metavar="SCRIPT",
        help="what the intake answers, in order: STATUS, STATUSxTIMES, STATUS*, with @SECONDS for "
        "Retry-After; 202 means what the real intake would say. Such as 500x2,429@3,202*",
    )
    group.add_argument(
        "--intake-delay",
        type=arguments.wait,
        default=0.0,
        metavar="DURATION",
        help="seconds before each answer of the intake (0)",
    )
    group.add_argument(
        "--json",
        action="store_true",
        help="print JSON, an object a line: first url and keys, at the end what it came to",
    )
    group.add_argument("--quiet", action="store_true", help="say nothing but what goes wrong")
    group.add_argument(
        "--end-with-stdin",
        action="store_true",
        help="end when stdin does, so that a parent that dies leaves no child behind",
    )


def _host(text: str) -> str:
    # An empty one would mean every address of the machine.
    if not text.strip() or text != text.strip() or "/" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as 127.0.0.1 or ::1")
    return text.removeprefix("[").removesuffix("]")


def _name(text: str) -> str:
    from grantex_sim.http.host import is_host

    if not is_host(text.removeprefix("*.")) or ":" in text or not text.strip("*."):
        raise argparse.ArgumentTypeError(f"{text!r} is no host's name such as example.com")
    return text


def _user_and_password(text: str) -> str:
    if ":" not in text[1:] or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is not USER:PASSWORD")
    return text


def _count(text: str) -> int:
    value = arguments.whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return value


def _limit(text: str) -> int:
    value = arguments.whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return value


def _port(text: str) -> int:
    value = arguments.whole(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return value


def options_from(args: argparse.Namespace) -> Options:
    """What *args* ask for.

    Raises:
        UsageError: Options that don't fit together.
        RecordingError: The file to replay can't be read.
    """
    from grantex_sim.grantex.limits import PLAN_LIMIT
    from grantex_sim.service.app import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY, Options

    unpaced = args.rate == 0 and args.replay is None
    speed = args.speed if args.speed is not None else 0.0 if unpaced else 1.0
    events = _events_from(args, speed)
    return Options(
        host=args.host,
        allow_hosts=tuple(args.allow_host),
        port=args.port,
        tls=_tls(args),
        pass_through=tuple(args.pass_through),
        proxy_password=args.proxy_auth or "",
        grantex_key=GRANTEX_KEY if args.grantex_key is None else args.grantex_key,
        datadog_key=DATADOG_KEY if args.datadog_key is None else args.datadog_key,
        datadog_app_key=DATADOG_APP_KEY if args.datadog_app_key is None else args.datadog_app_key,
        source=None if args.events == 0 else _limited(events.source, args.events, args.duration),
        speed=speed,
        clients=args.clients,
        plan_limit=PLAN_LIMIT if args.plan_limit is None else args.plan_limit,
        intake_statuses=args.intake_status,
        intake_delay=args.intake_delay,
        faults=(*events.faults, *faults_from(args)),
        fault_seed=fault_seed_from(args, events.seed),
    )


def _tls(args: argparse.Namespace) -> bool | Path:
    if not args.tls:
        return False
    from grantex_sim.tls.kept import default_folder

    return default_folder()


class _Events(NamedTuple):
    """Which events there are, what goes wrong with them, and the seed of both."""

    source: Source
    seed: int = 0
    faults: tuple[Fault, ...] = ()


def _events_from(args: argparse.Namespace, speed: float) -> _Events:
    _check_source(args)
    if args.scenario is not None:
        return _scenario(args, speed)
    if args.replay is not None:
        from grantex_sim.events.replay import replay

        return _Events(replay(args.replay, loop=args.loop))
    from grantex_sim.scenario.generate import generated

    rate = 20.0 if args.rate is None else args.rate
    start = None if args.start == "now" else _start(args.start)
    asked = _seed(args)
    seed = 1 if asked is None else asked
    return _Events(generated(rate=rate, seed=seed, start=start), seed)


def _check_source(args: argparse.Namespace) -> None:
    """Options that say twice where events come from."""
    if args.loop and args.replay is None:
        raise UsageError("--loop needs a file to replay", hint="Add --replay FILE.")
    given = [name for name in ("rate", "seed", "start") if getattr(args, name, None) is not None]
    if "seed" in args and "seed" not in given:
        given.append("seed")
    if args.replay is not None and given:
        raise UsageError(
            f"--{given[0]} is for generated events, --replay has its own",
            hint="Leave one of them out.",
        )
    if args.scenario is not None and (args.replay is not None or args.rate is not None):
        other = "--rate" if args.replay is None else "--replay"
        raise UsageError(
            f"{other} and a scenario both say which events there are",
            hint="Leave one of them out.",
        )


def _seed(args: argparse.Namespace) -> int | None:
    """The seed asked for, if any; a random one is told, so that it can be had again."""
    if "seed" not in args:
        return None
    seed = arguments.drawn(args.seed)
    if args.seed is None and not args.quiet:
        sys.stderr.write(f"repeat it with --seed {seed}\n")
    return seed


def _scenario(args: argparse.Namespace, speed: float) -> _Events:
    """A scenario's events and faults.

    In real time it begins now, because a dashboard and monitors look at the last minutes.
    """
    from grantex_sim.scenario import load_scenario, scenario_source

    is_now = args.start == "now" or (args.start is None and speed == 1)
    start = None if is_now else _start(args.start)
    scenario = load_scenario(args.scenario, seed=_seed(args), start=start, duration=args.duration)
    return _Events(scenario_source(scenario, is_now=is_now), scenario.seed, scenario.faults)


def _start(text: str | None) -> float | None:
    from grantex_sim.scenario.values import beginning

    if text is None:
        return None
    try:
        return beginning(text)
    except OverflowError:
        raise UsageError(
            f"--start {text!r} is too far away", hint="Begin between 1970 and 2096."
        ) from None
    except ValueError:
        raise UsageError(
            f"--start {text!r} is no instant", hint="Write it as 2026-01-05T09:00:00Z, or now."
        ) from None


def _limited(source: Source, events: int | None, duration: float | None) -> Source:
    from itertools import islice, takewhile

    def limited(start: float) -> Iterator[Timed]:
        found = islice(source(start), events)
        return found if duration is None else takewhile(lambda event: event.at < duration, found)

    return limited
