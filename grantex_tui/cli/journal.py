"""`grantex-tui journal`: what journals hold, whether it is whole, and what to do about the rest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from grantex_tui.events.kept.care.looking import Look

_FOLDER = "a journal, or the folder of several (the default journals)"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "journal",
        help="what a journal holds, and whether it is whole",
        description="Look at the journals in which `watch` keeps events until Datadog has taken "
        "them, and get out what is left in them.",
    )
    parser.set_defaults(run=lambda _args: _nothing_asked(parser))
    words = parser.add_subparsers(title="commands", metavar="WORD")
    _add(words, "info", _info, "whose events it holds, how many are pending, since when", many=True)
    _add(words, "verify", _verify, "prove every line; exit code 7 if events are lost", many=True)
    export = _add(words, "export", _export, "the events as a recording, on stdout")
    export.add_argument("--pending", action="store_true", help="only what has not been delivered")
    _add(words, "dead-letters", _dead_letters, "what Datadog refused for good, and why")
    _add(words, "redeliver", _redeliver, "let the next `watch` send the dead letters once more")
    adopt = _add(words, "adopt", _adopt, "move what is pending in DIR into another journal")
    adopt.add_argument(
        "--into", metavar="DIR", type=Path, help="the journal that gets it (the one beside it)"
    )


def _add(
    words: argparse._SubParsersAction[argparse.ArgumentParser],
    word: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    *,
    many: bool = False,
) -> argparse.ArgumentParser:
    parser = words.add_parser(word, help=text, description=f"{text[0].upper()}{text[1:]}.")
    if many:
        parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=_FOLDER)
        parser.add_argument("--json", action="store_true", help="one JSON object a journal")
    else:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a journal's folder")
        if word == "dead-letters":
            parser.add_argument("--json", action="store_true", help="the lines as they are kept")
    parser.set_defaults(run=run)
    return parser


def _nothing_asked(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return ExitCode.USAGE


def journals(folder: Path | None) -> list[Path]:
    """The journals at or below *folder*.

    Raises:
        UsageError: There is none.
    """
    from grantex_tui.events.kept.segments import find_segments
    from grantex_tui.watch.keeping import default_base

    base = folder or default_base()
    if not base.is_dir():
        raise UsageError(f"{base} is no folder", hint="Name a journal's folder.")
    if find_segments(base):
        return [base]
    below = [path for path in sorted(base.rglob("*")) if path.is_dir() and find_segments(path)]
    if not below:
        raise UsageError(f"{base} holds no journal", hint="Name a journal's folder.")
    return below


def _one(folder: Path) -> Path:
    found = journals(folder)
    if len(found) > 1:
        names = ", ".join(str(path) for path in found)
        raise UsageError(f"{folder} holds several journals", hint=f"Name one: {names}.")
    return found[0]


def _info(args: argparse.Namespace) -> int:
    from grantex_tui.cli.journal_words import as_json, as_text
    from grantex_tui.events.kept.care.looking import look

    for path in journals(args.folder):
        found = look(path)
        print(json.dumps(as_json(found)) if args.json else as_text(found))
    return ExitCode.OK


def _verify(args: argparse.Namespace) -> int:
    from grantex_tui.cli.journal_words import as_json, verdict
    from grantex_tui.events.kept.care.looking import look

    found = [look(path, whole=True) for path in journals(args.folder)]
    for each in found:
        print(json.dumps(as_json(each)) if args.json else verdict(each))
    return ExitCode.LOSS if any(each.lost for each in found) else _wholeness(found)


def _wholeness(found: list[Look]) -> ExitCode:
    return ExitCode.FAILED if any(each.notes for each in found) else ExitCode.OK


def _export(args: argparse.Namespace) -> int:
    from grantex_tui.events.kept.care.exporting import export
    from grantex_tui.events.kept.care.looking import look

    found = look(_one(args.folder), whole=not args.pending)
    for note in found.notes:
        print(f"warning: {note}", file=sys.stderr)
    for line in export(found, pending=args.pending):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    return ExitCode.OK


def _dead_letters(args: argparse.Namespace) -> int:
    from grantex_tui.cli.journal_words import letter_line
    from grantex_tui.events.kept.deadletter import DeadLetterFile

    path = _one(args.folder) / "dead-letter.ndjson"
    if args.json:
        sys.stdout.write(path.read_text("utf-8", "replace") if path.exists() else "")
        return ExitCode.OK
    file = DeadLetterFile(path)
    for letter, _ in file.letters():
        print(letter_line(letter))
    for note in file.notes:
        print(f"warning: {note}", file=sys.stderr)
    return ExitCode.OK


def _redeliver(args: argparse.Namespace) -> int:
    from grantex_tui.clock import WallClock
    from grantex_tui.events.kept.care.redelivering import redeliver

    sent, stay = redeliver(_one(args.folder), clock=WallClock())
    print(
        f"{_go_out(sent)}"
        + (f"; {stay:,} {'letter stays' if stay == 1 else 'letters stay'}" if stay else "")
    )
    return ExitCode.OK


def _go_out(events: int) -> str:
    from grantex_tui.words.numbers import count

    return (
        f"{count(events, 'event')} {'goes' if events == 1 else 'go'} out at the next start of watch"
    )


def _adopt(args: argparse.Namespace) -> int:
    from grantex_tui.clock import WallClock
    from grantex_tui.events.kept.care.absorbing import absorb
    from grantex_tui.events.kept.journal import Journal

    source = _one(args.folder)
    into = args.into or _beside(source)
    journal = Journal.open(into, clock=WallClock())
    try:
        count = absorb(source, journal, journal.identity, clock=WallClock())
    finally:
        journal.close()
    print(f"taken into {into}: {_go_out(count)}")
    return ExitCode.OK


def _beside(source: Path) -> Path:
    """The one journal beside *source* whose events are delivered.

    Raises:
        UsageError: There is none, or there are several.
    """
    from grantex_tui.events.kept.care.looking import look
    from grantex_tui.events.kept.segments import find_segments

    beside = [path for path in sorted(source.parent.iterdir()) if path.is_dir() and path != source]
    found = [path for path in beside if find_segments(path) and look(path).forward]
    if len(found) != 1:
        names = ", ".join(str(path) for path in found)
        raise UsageError(
            f"there are several journals beside {source}"
            if found
            else f"no journal is beside {source}",
            hint=f"Name one with --into: {names}." if found else "Name one with --into DIR.",
        )
    return found[0]
