"""`grantex-sim run`: a simulator around a command that knows nothing of it, and what came of it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from grantex_sim.commands import arguments
from grantex_sim.commands.fault_options import add_fault_options
from grantex_sim.commands.options import add_server_options, add_source_options, options_from
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.account.expected import Broken, Expected
    from grantex_sim.account.report import Report
    from grantex_sim.runtimes.forwarder import Forwarder
    from grantex_sim.service.app import Simulator

_DESCRIPTION = """\
Run COMMAND, an unmodified forwarder in any language, against a simulator: everything is set that
makes its runtime come here, whatever hosts it names. Grantex's and Datadog's end here, in TLS too; any
other is refused (--pass-through HOST). Then say what was lost, duplicated or altered.

The command gets the keys, GRANTEX_URL, DD_SITE, the proxy variables, the certificates' (the system's
roots and an authority of ours, that lives as long as this), and for Node, Java and Python what their
own clients need beyond those.

It ends when the command does, or when all events are out and delivered, or the command has been quiet
for 10 s (--settle): it gets SIGTERM then, and 10 s. Without --events, --duration, a scenario or --replay there is no end:
press Ctrl-C.
"""
_EPILOG = """\
examples:
  grantex-sim run -- node forwarder.js
  grantex-sim run --rate 0 --events 10000 -- python forwarder.py
  grantex-sim run revocation-storm --speed 10 --fault 'intake p=0.1 lost-202' \\
    --max-duplicates 1000 -- ./forwarder
exit codes: 0 nothing was lost, duplicated or altered beyond what is allowed
            1 something was, nothing was heard, or the command failed
            2 usage, or there is no such command; 3 a file is invalid
--json: {"ok", "broken": [{"what", "ids"}], "ledger", "command": {"exit"}, "refusedHosts",
        "tlsFailures"} on stdout
"""
_BETWEEN: Final = "--"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run` to *commands*."""
    parser = commands.add_parser(
        "run",
        usage="grantex-sim run [SERVE OPTIONS] -- COMMAND …",
        help="an unmodified forwarder against a simulator, and what it lost",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group("what is allowed")
    for name, said in (
        ("lost", "events that it heard whole and never delivered"),
        ("duplicates", "accepted entries of events delivered before"),
        ("altered", "messages that differ from their event's bytes"),
    ):
        group.add_argument(f"--max-{name}", type=_count, default=0, metavar="N", help=f"{said} (0)")
    group.add_argument(
        "--settle",
        type=arguments.duration,
        default=None,
        metavar="DURATION",
        help="how long it may be quiet, once all is out, before what it has not delivered is lost (10s)",
    )
    group.add_argument(
        "--connect-within",
        type=arguments.duration,
        default=60.0,
        metavar="DURATION",
        help="how long it may take to open the stream, before it is ended (60s)",
    )
    add_source_options(parser)
    add_server_options(parser)
    add_fault_options(parser)
    parser.set_defaults(run=run, port=0, words=[])


def split(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Our own words of a command line, and those of the command to run if there is one."""
    given = [*argv]
    if given[:1] != ["run"] or _BETWEEN not in given:
        return given, None
    at = given.index(_BETWEEN)
    return given[:at], given[at + 1 :]


def run(args: argparse.Namespace) -> int:
    """Run the command, and give the verdict.

    Raises:
        UsageError: There is no command, or it can't be started.
    """
    import asyncio
    from dataclasses import replace

    from grantex_sim.account.expected import Expected
    from grantex_sim.service.app import Simulator

    if not args.words:
        raise UsageError(
            "there is no command to run", hint="Put it behind --: grantex-sim run -- node a.js"
        )
    options = options_from(args)
    simulator = Simulator(replace(options, tls=options.tls or True))
    expected = Expected(
        max_lost=args.max_lost, max_duplicates=args.max_duplicates, max_altered=args.max_altered
    )
    return asyncio.run(_run(simulator, expected, args))


async def _run(simulator: Simulator, expected: Expected, args: argparse.Namespace) -> int:
    from grantex_sim.account.verdicts import SETTLE
    from grantex_sim.commands.serve import cannot_listen
    from grantex_sim.runtimes.forwarder import Forwarder
    from grantex_sim.runtimes.trust import Trust

    try:
        await simulator.__aenter__()
    except OSError as error:
        raise cannot_listen(simulator, error) from error
    assert simulator.tls is not None
    trust = Trust.made(simulator.tls.authority.pem)
    try:
        forwarder = Forwarder(
            simulator,
            trust,
            settle=SETTLE if args.settle is None else args.settle,
            connect_within=args.connect_within,
        )
        if not args.quiet:
            sys.stderr.write(f"grantex-sim: the played hosts are at {simulator.url}\n")
        code = await forwarder.run(args.words)
        return _verdict(simulator, expected, forwarder, code, args)
    finally:
        trust.remove()
        await simulator.__aexit__(None, None, None)


def _verdict(
    simulator: Simulator,
    expected: Expected,
    forwarder: Forwarder,
    code: int | None,
    args: argparse.Namespace,
) -> int:
    from grantex_sim.account.expected import Broken

    report = simulator.session.control.report(settle=0.0)
    broken = expected.broken_by(report)
    if code:
        how = f"by signal {-code}" if code < 0 else f"with {code}"
        broken.append(Broken(f"the command ended {how}"))
    if forwarder.said:
        broken.append(Broken(forwarder.said))
    if args.json:
        sys.stdout.write(_as_json(simulator, report, broken, code))
    elif not args.quiet or broken:
        sys.stderr.write("\n".join(_as_text(simulator, report, broken)) + "\n")
    return ExitCode.FAILED if broken else ExitCode.OK


def _as_text(simulator: Simulator, report: Report, broken: Sequence[Broken]) -> list[str]:
    from grantex_sim.account.causes import causes
    from grantex_sim.account.expected import summary
    from grantex_tui.words.display import printable

    lines = [f"✗ {printable(str(each))}" for each in broken]
    lines.append(f"{' ' if broken else '✓'} {summary(report)}")
    lines += [f"  {each}" for each in causes(report)] if broken else []
    refused = simulator.proxy.refused
    lines += [
        f"  {name} was asked for {count:,} × and refused; --pass-through {name} would allow it"
        for name, count in refused.most_common(5)
    ]
    failures = None if simulator.tls is None else simulator.tls.failures
    if failures is not None and failures.count:
        last = printable(failures.last, limit=300)
        lines.append(f"  {failures.count:,} × TLS failed, last for {last}")
    return lines


def _as_json(
    simulator: Simulator, report: Report, broken: Sequence[Broken], code: int | None
) -> str:
    import msgspec

    said = {
        "ok": not broken,
        "broken": [{"what": each.said, "ids": [*each.ids]} for each in broken],
        "command": {"exit": code},
        "refusedHosts": dict(simulator.proxy.refused),
        "tlsFailures": 0 if simulator.tls is None else simulator.tls.failures.count,
        "ledger": report,
    }
    return msgspec.json.encode(said).decode() + "\n"


def _count(text: str) -> int:
    value = arguments.whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return value
