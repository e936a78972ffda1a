"""`grantex-tui examples`: the files that the documentation's commands are about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "examples",
        help="write the files that the documentation's commands use",
        description="Write recorded events, monitors and rehearsals, so that the commands of the README "
        "work in any folder.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("fixtures"), metavar="DIR",
        help="where to; made if it isn't there (fixtures)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `examples` as *args* say."""
    from grantex_tui.pack.examples import FILES, example

    folder: Path = args.folder
    try:
        there = [
            name
            for name in FILES
            if (folder / name).exists() and (folder / name).read_bytes() != example(name)
        ]
        if there:
            raise UsageError(
                f"{folder / there[0]} is there already, and another file",
                hint="Nothing was written. Name a folder of its own.",
            )
        for name in FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(example(name))
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: {error.strerror}",
            hint="Name a folder that you may write.",
        ) from error
    print(f"{len(FILES)} files in {folder}")
    print(f"try: grantex-tui search '@grantex.event_type:budget.*' {folder / FILES[0]}")
    return ExitCode.OK
