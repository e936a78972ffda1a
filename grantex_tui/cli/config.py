"""`grantex-tui config`: a settings file to begin with, whether one is right, what holds and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.cli.options import sourced_from
from grantex_tui.errors import ExitCode, UsageError
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    import argparse

_OWNERS_ALONE = 0o600


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "config",
        help="write, check and show settings",
        description="The settings of `watch`: from options, the environment and config.toml, in this order.",
    )
    parser.set_defaults(run=lambda _args: _nothing_asked(parser))
    words = parser.add_subparsers(title="commands", metavar="WORD")
    init = words.add_parser("init", help="write a config.toml with every setting, commented out")
    init.add_argument("file", nargs="?", type=Path, metavar="FILE", help="where (the usual place)")
    init.set_defaults(run=_init)
    for word, run, text in (
        ("check", _check, "say whether the file and the environment are right"),
        ("show", _show, "print each setting as it holds; keys are masked"),
    ):
        reader = words.add_parser(word, help=text)
        reader.add_argument(
            "config", nargs="?", metavar="FILE", help="settings (GRANTEX_TUI_CONFIG; config.toml)"
        )
        reader.set_defaults(run=run)
    reader.add_argument("--origin", action="store_true", help="where each comes from")


def _nothing_asked(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return ExitCode.USAGE


def _init(args: argparse.Namespace) -> int:
    from grantex_tui.settings.written import template

    path: Path = args.file or _usual_place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNERS_ALONE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", hint="It was left as it is.") from error
    except OSError as error:
        raise UsageError(
            f"{path} can't be written: {error.strerror}", hint="Name another place."
        ) from error
    print(f"{path} (for you alone: it may hold keys)")
    return ExitCode.OK


def _usual_place() -> Path:
    import platformdirs

    try:
        return platformdirs.user_config_path("grantex-tui") / "config.toml"
    except RuntimeError as error:
        raise UsageError("this user has no home folder", hint="Name the file.") from error


def _check(args: argparse.Namespace) -> int:
    sourced = sourced_from(args, {})
    for note in sourced.notes:
        print(note)
    given = sum(origin != "default" for origin in sourced.origins.values())
    print(f"right: {given} settings are given, {len(sourced.origins) - given} are at their default")
    return ExitCode.OK


def _show(args: argparse.Namespace) -> int:
    from grantex_tui.settings.written import KEYS, as_toml

    sourced = sourced_from(args, {})
    for name, origin in sourced.origins.items():
        value = getattr(sourced.settings, name)
        written = '"…"' if name in KEYS and value else as_toml(value)
        end = f"  # {printable(origin, limit=200)}" if args.origin else ""
        print(f"{name} = {printable(written, limit=2000)}{end}")
    for note in sourced.notes:
        print(f"# {printable(note, limit=500)}")
    return ExitCode.OK
