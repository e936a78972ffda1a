"""`grantex-tui export`: monitors, pipeline, metric and dashboard as Datadog's API takes them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantex_tui.cli.options import read_text
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.pack.deployable import Deployable

_WHAT: Final = ("all", "monitors", "pipeline", "metric", "dashboard")
_EPILOG: Final = """\
examples:
  grantex-tui export -o datadog --to @slack-security     everything, a file an object
  grantex-tui export monitors                            the bundled monitors, a JSON list
  grantex-tui export pipeline mine.yaml                  your own, with the guide's paths corrected

Without -o the objects go to stdout: a list of monitors, any other kind by itself if it is one
object; of all kinds an object with a list for each. What was corrected is said on stderr.
exit codes: 0 fine, 2 usage, 3 a file is invalid or holds what Datadog refuses
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "export",
        help="monitors, pipeline, metric and dashboard for Datadog's API",
        description="Print the bundled monitors, log pipeline, log-based metric and dashboard, or "
        "your own files, as Datadog's API takes them. docs/datadog.md has the calls.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="KIND | FILE",
        help="monitors, pipeline, metric, dashboard or all (the default); then your own files, or -, "
        "instead of the bundled ones",
    )
    parser.add_argument("--as", dest="form", choices=("json",), default="json", help="form (json)")
    parser.add_argument(
        "--to",
        action="append",
        type=_handle,
        default=[],
        metavar="@HANDLE",
        help="whom each monitor notifies besides, such as @slack-security; repeatable",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, help="write a file an object into DIR"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print or write the objects.

    Raises:
        InvalidFileError: A file holds what Datadog refuses.
        UsageError: Nothing of that kind is there, or *DIR* can't be written.
    """
    from grantex_tui.pack.deployable import notifying

    what, files = _asked(args.words)
    found = [notifying(each, args.to) for each in _read(files) if what in ("all", each.kind)]
    if not found:
        raise UsageError(f"no {what} in these files", hint="Leave the kind out for all.")
    for each in found:
        for said in each.corrected:
            sys.stderr.write(f"{each.name}: corrected: {_printable(said)}\n")
    if args.output is None:
        print(json.dumps(_printed(found, what), indent=2, ensure_ascii=False))
    else:
        _write(found, args.output)
    return ExitCode.OK


def _handle(text: str) -> str:
    if not text.startswith("@") or len(text) < 2 or len(text.split()) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no handle such as @slack-security")
    return text


def _asked(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The kind and the files; a file that is called as a kind is given as ``./all``."""
    if words and words[0] in _WHAT:
        return words[0], words[1:]
    return "all", words


def _read(files: Sequence[str]) -> list[Deployable]:
    from grantex_tui.pack.deployable import pack_deployables, read_deployables

    if not files:
        return pack_deployables()
    found: list[Deployable] = []
    for name in files:
        text = sys.stdin.read() if name == "-" else read_text(Path(name))
        found += read_deployables(text, path=name)
    return found


def _printed(found: Sequence[Deployable], what: str) -> object:
    from grantex_tui.pack.deployable import KINDS

    values = [each.value for each in found]
    if what == "all":
        by_kind = {kind: [each.value for each in found if each.kind == kind] for kind in KINDS}
        return {kind: values for kind, values in by_kind.items() if values}
    return values[0] if len(values) == 1 and what != "monitors" else values


def _write(found: Sequence[Deployable], folder: Path) -> None:
    """One file an object, ``KIND/NAME.json``; no two have one name."""
    taken: set[Path] = set()
    for each in found:
        path = folder / each.kind / f"{each.name}.json"
        number = 1
        while path in taken:
            number += 1
            path = folder / each.kind / f"{each.name}-{number}.json"
        taken.add(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(each.value, indent=2, ensure_ascii=False) + "\n"
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            hint = "Choose another folder for -o."
            raise UsageError(f"{path} can't be written: {reason}", hint=hint) from None
    sys.stderr.write(f"{len(taken)} object{'s' * (len(taken) != 1)} written to {folder}\n")


def _printable(text: str) -> str:
    from grantex_tui.words.display import printable

    return printable(text, limit=400)
