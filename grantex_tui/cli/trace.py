"""`grantex-tui trace`: one event's way, from the socket to the checkpoint, with times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.cli.journal import journals
from grantex_tui.errors import ExitCode, InvalidFileError


if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from grantex_tui.events.kept.care.tracing import Kept

_EPILOG = """\
the log is written by: grantex-tui watch --log-file run.log --log-format json
exit codes: 0 the event is in a journal, 1 it is in none
"""


class Step(NamedTuple):
    """A station of the event's way."""

    where: str
    at: str
    """RFC 3339; empty if nothing says when."""
    what: str


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    import argparse

    parser = commands.add_parser(
        "trace",
        help="one event's way from the socket to Datadog, with times",
        description="Show what has become of one event: when it was read, where it is kept, in which "
        "request it went out, what Datadog said, and whether the checkpoint is behind it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", metavar="EVENT_ID", help="the event's id, such as evt_01J…")
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR",
        help="a journal, or the folder of several (the default journals)",
    )  # fmt: skip
    parser.add_argument(
        "--log-file", type=Path, metavar="FILE", help="the run's log, which knows more times"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line that holds it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look for the event in each journal."""
    from grantex_tui.events.kept.care.looking import look
    from grantex_tui.events.kept.care.tracing import trace

    records = list(_records(args.log_file)) if args.log_file else []
    is_found = False
    for folder in journals(args.folder):
        found = look(folder)
        for kept in trace(found, args.event):
            steps = _way(kept, records, forward=found.forward, has_log=bool(args.log_file))
            print(_as_json(kept, steps) if args.json else _as_text(kept, steps, folder))
            is_found = True
    if not is_found:
        _print_nowhere(args.event)
    return ExitCode.OK if is_found else ExitCode.FAILED


def _print_nowhere(event: str) -> None:
    import sys

    from grantex_tui.words.display import printable

    text = (
        f"{event[:200]} is in no journal here: it was not received, or it was delivered and its "
        "segment is gone, or it waits in the memory of a run"
    )
    print(printable(text), file=sys.stderr)


def _records(path: Path) -> Iterator[dict[str, object]]:
    """The records of a log.

    Raises:
        InvalidFileError: It can't be read, or its lines are for people.
    """
    lines = objects = 0
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                lines += 1
                if line.startswith("{"):
                    record = _object(line)
                    objects += bool(record)
                    yield record
    except OSError as error:
        raise InvalidFileError(f"can't be read: {error.strerror}", path=str(path)) from error
    if lines and not objects:
        raise InvalidFileError(
            "its lines are for people",
            path=str(path),
            hint="Run watch with --log-format json: that log can be read here.",
        )


def _object(line: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}  # torn: the run was killed, or is still writing
    return record if isinstance(record, dict) else {}


def _way(
    kept: Kept, records: list[dict[str, object]], *, forward: bool, has_log: bool
) -> list[Step]:
    from grantex_tui.clock import rfc3339

    read_at = "" if kept.received_at is None else rfc3339(kept.received_at)
    about = [record for record in records if _is_about(record, kept, read_at)]
    unknown = "not in this log" if has_log else "unknown without the run's log (--log-file)"
    steps = [
        Step("created", kept.event.created_at or "", "by Grantex, as the event says"),
        Step("socket", read_at, "the read that brought it; the path is not recorded"),
        Step("journal", "", f"{kept.segment.path.name}, line {kept.line}"),
        _counted(about, unknown),
    ]
    if not forward:
        return [*steps, Step("delivery", "", "none: this journal's run only watched")]
    steps += _requests(about, unknown)
    return [*steps, *_end(kept, about)]


def _is_about(record: Mapping[str, object], kept: Kept, read_at: str) -> bool:
    if record.get("receivedAt") == read_at != "":
        return True
    if record.get("segment") != kept.end.segment:
        return False
    first, last = record.get("first"), record.get("last")
    if isinstance(first, int) and isinstance(last, int):
        return first <= kept.end.offset <= last
    offset = record.get("offset")
    return isinstance(offset, int) and offset >= kept.end.offset


def _counted(about: list[dict[str, object]], unknown: str) -> Step:
    for record in about:
        if str(record.get("message", "")).startswith("counted"):
            return Step("count", str(record.get("time", "")), "tallied, and given to the monitors")
    return Step("count", "", unknown)


def _requests(about: list[dict[str, object]], unknown: str) -> Iterator[Step]:
    records = [record for record in about if "request" in record]
    for record in records:
        where = "verdict" if "verdict" in record else "batch"
        text = f"request {record['request']}: {record.get('message', '')}"
        yield Step(where, str(record.get("time", "")), text)
    if not records:
        yield Step("batch", "", unknown)


def _end(kept: Kept, about: list[dict[str, object]]) -> Iterator[Step]:
    letter = kept.letter
    if letter is not None:
        yield Step("dead letter", letter.at, letter.reason)
    if not kept.is_settled:
        yield Step("checkpoint", "", "not behind it yet: the event is pending")
        return
    times = [str(r.get("time", "")) for r in about if "offset" in r]
    what = "behind it: " + ("given up" if letter is not None else "delivered")
    yield Step("checkpoint", min(times, default=""), what)


def _as_text(kept: Kept, steps: list[Step], folder: Path) -> str:
    from grantex_tui.words.display import printable

    lines = [f"{kept.event.id} {kept.event.type}, in {folder}"]
    lines += [f"  {step.where:<12} {step.at or '-':<24}  {step.what}" for step in steps]
    return "\n".join(map(printable, lines))


def _as_json(kept: Kept, steps: list[Step]) -> str:
    way = [{"where": s.where, "at": s.at or None, "what": s.what} for s in steps]
    return json.dumps({"id": kept.event.id, "type": kept.event.type, "way": way})
