"""`grantex-sim assert`: the ledger of a running simulator as an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from grantex_sim.commands import arguments
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_sim.account.expected import Broken, Expected
    from grantex_sim.account.report import Missing, Report
    from grantex_sim.testing.remote import Remote

DEFAULT_URL: Final = "http://127.0.0.1:8787"
_IN_JSON: Final = 1_000
"""Missing events that are told of with their types."""
_DESCRIPTION = """\
Compare the ledger of a running simulator with what you expect of it. What does not hold is listed
with the events that it is about, and the exit code is 1.

It waits (--wait) until everything emitted has been delivered, so that a forwarder which is still
at it is not judged too early; what was delivered twice or altered counts at once. --max-lost asks
only for what the forwarder is to blame for: not for what a fault kept from it, what the intake
refuses to the end, or what was emitted while nobody listened. It waits until nothing is pending:
until --settle has passed since the event was heard, and since the intake last refused one.

That nothing was emitted at all proves nothing: --delivered-all and --max-lost fail then. While the
simulator is still emitting ("more to come"), ask for a number: --min-delivered 1000.
"""
_EPILOG = """\
examples:
  grantex-sim assert --delivered-all --max-duplicates 0
  grantex-sim assert --max-lost 0 --settle 30s
  grantex-sim assert --min-delivered 1000 --no-refused --wait 60
  grantex-sim assert --delivered-all --session my-test --json
exit codes: 0 all of it holds, 1 something does not or no simulator answers, 2 usage
--json: {"ok", "broken": [{"what", "ids"}], "missing": [{"number", "id", "type", "emittedAt",
        "verdict", "fault", "cause", "client"}], "ledger"}; `missing` has the first 1,000,
        GET /_sim/missing has all
"""
_BOUNDS: Final = {
    "--min-delivered": "at least N events were delivered",
    "--max-missing": "at most N events were emitted and not delivered",
    "--max-lost": "at most N events were heard whole by a client and never delivered",
    "--max-duplicates": "at most N accepted entries were of events delivered before",
    "--max-altered": "at most N messages differ from their event's bytes",
    "--max-reordered": "at most N events were delivered after one emitted later",
    "--max-late": "at most N events took longer than a minute",
}


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "assert",
        help="what a running simulator's ledger must say, as an exit code",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group("expectations (at least one)")
    group.add_argument(
        "--delivered-all",
        action="store_true",
        help="every event emitted was delivered, and there was one",
    )
    for option, said in _BOUNDS.items():
        group.add_argument(option, type=_count, metavar="N", help=said)
    group.add_argument("--no-refused", action="store_true", help="every request was accepted")
    where = parser.add_argument_group("where")
    where.add_argument("--url", help=f"of the server (GRANTEX_SIM_URL, or {DEFAULT_URL})")
    where.add_argument(
        "--session",
        default="",
        metavar="NAME",
        help="of the path prefix /s/NAME (the one without a name)",
    )
    where.add_argument(
        "--wait",
        type=_seconds,
        default=10.0,
        metavar="DURATION",
        help="how long to wait for deliveries, up to 10m (10s)",
    )
    where.add_argument(
        "--settle",
        type=arguments.duration,
        default=None,
        metavar="DURATION",
        help="how long a forwarder may take for what it has heard, before it is lost (10s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, see below")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask, compare, and say what does not hold.

    Raises:
        UsageError: Nothing is expected, or the address is none.
        UnreachableError: No simulator answers.
    """
    from grantex_sim.account.expected import SHOWN
    from grantex_sim.account.verdicts import SETTLE
    from grantex_sim.testing.remote import Remote, session_url

    expected = _expected(args)
    url = args.url or os.environ.get("GRANTEX_SIM_URL") or DEFAULT_URL
    remote = Remote(session_url(url, args.session))
    unknown = _unknown_session(Remote(url), args.session)
    settle = SETTLE if args.settle is None else args.settle
    report = _settled(remote, expected, args.wait, settle)
    broken = expected.broken_by(report)
    most = _IN_JSON if args.json else SHOWN
    about = _verdict_of(broken)
    missing = (
        remote.missing(most, verdict=about, settle=settle).events
        if report.missing_count and broken
        else []
    )
    if args.json:
        sys.stdout.write(_as_json(report, broken, missing))
    else:
        sys.stdout.write("\n".join(_as_text(report, broken, missing)) + "\n")
    if unknown and not report.emitted:
        sys.stderr.write(unknown)
    return ExitCode.FAILED if broken else ExitCode.OK


def _verdict_of(broken: Sequence[Broken]) -> str:
    """The verdict on the events to be listed, if what does not hold is about one only."""
    verdicts = {each.verdict for each in broken if each.is_loss}
    return verdicts.pop() if len(verdicts) == 1 else ""


def _unknown_session(server: Remote, name: str) -> str:
    """What to say if the session that is asked for has only begun by being asked for."""
    from grantex_sim.account.expected import SHOWN
    from grantex_tui.words.display import printable

    if not name:
        return ""
    names = [each["name"] for each in server.json("GET", "/_sim/sessions")["sessions"]]
    if name in names:
        return ""
    there = ", ".join(map(printable, names[:SHOWN])) or "none"
    return f"there was no session {printable(name)!r} before; there are: {there}\n"


def _expected(args: argparse.Namespace) -> Expected:
    from grantex_sim.account.expected import Expected

    expected = Expected(
        delivered_all=args.delivered_all,
        min_delivered=args.min_delivered,
        max_missing=args.max_missing,
        max_lost=args.max_lost,
        max_duplicates=args.max_duplicates,
        max_altered=args.max_altered,
        max_reordered=args.max_reordered,
        max_late=args.max_late,
        no_refused=args.no_refused,
    )
    if expected == Expected():
        raise UsageError("nothing is expected", hint="Such as: grantex-sim assert --delivered-all")
    return expected


def _settled(remote: Remote, expected: Expected, wait: float, settle: float) -> Report:
    """The account once what is expected to come has come, or *wait* seconds have passed."""
    counts = {}
    if expected.delivered_all:
        counts = {"emitted": 1, "missing": 0}
    elif expected.max_missing is not None:
        counts = {"missing": expected.max_missing}
    if expected.min_delivered is not None:
        counts["delivered"] = expected.min_delivered
    report = remote.wait(wait, **counts).report if counts else remote.ledger(settle)
    return remote.judged(wait, settle) if expected.max_lost is not None else report


def _as_text(report: Report, broken: Sequence[Broken], missing: Sequence[Missing]) -> Iterator[str]:
    from grantex_sim.account.expected import summary
    from grantex_tui.words.display import printable

    if not broken:
        yield f"✓ {summary(report)}"
        return
    for each in broken:
        if each.is_loss and missing:
            yield f"✗ {printable(each.said)}:"
            yield from _listed(missing, each.count)
        else:
            yield f"✗ {printable(str(each))}"
    yield f"  {summary(report)}"


def _listed(missing: Sequence[Missing], count: int) -> Iterator[str]:
    """Each on a line of its own, and how many there are besides."""
    from grantex_tui.words.display import printable

    ids = [printable(each.id) for each in missing]
    types = [printable(each.type) or "no type" for each in missing]
    across, wide = max(map(len, ids)), max(map(len, types))
    for event_id, name, each in zip(ids, types, missing, strict=True):
        yield f"    {event_id:{across}}  {name:{wide}}  emitted {each.emitted_at}{_blamed(each)}"
    if count > len(missing):
        yield f"    and {count - len(missing):,} more: GET /_sim/missing lists them"


def _blamed(event: Missing) -> str:
    """The verdict on an event, and what it names."""
    from grantex_tui.words.display import printable

    cause = f" by fault {event.fault}: {printable(event.cause)}" if event.fault else ""
    cause = cause or (f": {printable(event.cause)}" if event.cause else "")
    client = f", from client {event.client}" if event.client else ""
    return f"  {event.verdict}{cause}{client}" if event.verdict else ""


def _as_json(report: Report, broken: Sequence[Broken], missing: Sequence[Missing]) -> str:
    import msgspec

    said = {
        "ok": not broken,
        "broken": [{"what": each.said, "ids": [*each.ids]} for each in broken],
        "missing": missing,
        "ledger": report,
    }
    return msgspec.json.encode(said).decode() + "\n"


def _count(text: str) -> int:
    value = arguments.whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return value


def _seconds(text: str) -> float:
    value = arguments.wait(text)
    if value > 600:
        raise argparse.ArgumentTypeError(f"{text!r} is more than 10 minutes")
    return value
