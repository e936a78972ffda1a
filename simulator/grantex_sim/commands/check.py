"""`grantex-sim check`: what is wrong with scenario files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path


class _Found(NamedTuple):
    """A mistake or a piece of advice; line 0: of the file as a whole."""

    path: str
    line: int
    column: int
    severity: str
    said: str


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` to *commands*."""
    parser = commands.add_parser(
        "check",
        help="find mistakes in scenario files",
        description="Read scenario files strictly and print every mistake as "
        "file:line:column, and as advice what is allowed and yet hardly meant.",
        epilog="Exit code 3 when there are mistakes; advice alone is 0.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="scenario files, YAML or JSON")
    parser.add_argument("--strict", action="store_true", help="exit with 3 on advice, too")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON schema of scenario files, for editors"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the files and print what was found."""
    import json
    from pathlib import Path

    from grantex_tui.errors import UsageError

    if args.schema:
        from grantex_sim.scenario.schema import scenario_schema

        sys.stdout.write(json.dumps(scenario_schema(), indent=2) + "\n")
        return ExitCode.OK
    if not args.files:
        raise UsageError("no file to check", hint="Name scenario files, such as mine.yaml.")
    found = [each for name in args.files for each in _check(Path(name))]
    if args.json:
        sys.stdout.write(json.dumps([each._asdict() for each in found], indent=2) + "\n")
    else:
        _print(found, len(args.files))
    errors = any(each.severity == "error" for each in found)
    return ExitCode.INVALID_FILE if errors or (args.strict and found) else ExitCode.OK


def _check(path: Path) -> Iterator[_Found]:
    from grantex_sim.scenario.advice import advice
    from grantex_sim.scenario.bundled import read_scenario_file
    from grantex_sim.scenario.reader import ScenarioError
    from grantex_tui.errors import InvalidFileError

    try:
        scenario = read_scenario_file(path)
    except ScenarioError as error:
        for problem in error.found:
            yield _Found(str(path), problem.line, problem.column, "error", problem.said)
    except InvalidFileError as error:
        said = error.message.removeprefix(f"{path}:{error.line}: ").removeprefix(f"{path}: ")
        yield _Found(str(path), error.line, 0, "error", said)
    else:
        for line, column, said in advice(scenario, path=str(path)):
            yield _Found(str(path), line, column, "advice", said)


def _print(found: list[_Found], files: int) -> None:
    for each in found:
        where = ":".join(map(str, filter(None, (each.path, each.line, each.column))))
        sys.stdout.write(f"{where}: {each.severity}: {each.said}\n")
    errors = sum(each.severity == "error" for each in found)
    advice = len(found) - errors
    sys.stderr.write(
        f"{errors} error{'s' * (errors != 1)}, {advice} piece{'s' * (advice != 1)} of advice in "
        f"{files} file{'s' * (files != 1)}\n"
    )
