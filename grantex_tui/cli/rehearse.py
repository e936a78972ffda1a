"""`grantex-tui rehearse`: the monitors over recorded or simulated events, as a test."""

from __future__ import annotations

import argparse
import os.path
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

from grantex_tui.cli.options import count
from grantex_tui.cli.parser import Parser
from grantex_tui.cli.rehearse_input import add_events, add_monitors, input_from
from grantex_tui.cli.rehearse_output import FILES, FORMS, check_output, report, width
from grantex_tui.errors import ExitCode, InvalidFileError, UsageError


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.rehearsal.expect.verdict import Outcome
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal

WORDS = {
    "sweep": "which threshold detects every incident with the fewest false alerts",
    "explain": "why a monitor did, or did not, say something at an instant",
    "diff": "what changed monitors would say differently",
    "coverage": "what no rehearsal would notice",
}
"""The commands below `rehearse`; each is a module of its own, loaded when it is asked for."""
_ELSEWHERE = {
    "run": "Leave it out: grantex-tui rehearse [PATH ...] runs them.",
    "test": "Leave it out: grantex-tui rehearse [PATH ...] runs them.",
    "list": "That is grantex-tui rehearse --list.",
    "schema": "That is grantex-tui rehearse --schema.",
    "fidelity": "That is grantex-tui rehearse --fidelity.",
    "lint": "That is grantex-tui check, for monitors; a rehearsal file is checked with --list.",
    "record": "grantex-tui watch keeps a journal, which is a recording.",
}
_EPILOG = """\
more commands (each has its own --help):
{words}

examples:
  grantex-tui rehearse                             every *.rehearsal.yaml below this folder
  grantex-tui rehearse monitors/ --run burst       those of a folder, by name
  grantex-tui rehearse events.ndjson               what the bundled monitors would have said
  grantex-tui rehearse --scenario two-weeks --monitors mine.json --delivery guide

exit codes: 0 every expectation holds, 1 one doesn't, 2 usage, 3 a file can't be used
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "rehearse",
        help="run monitors over recorded or simulated events, as a test",
        description="Evaluate Datadog monitors over recordings, or run the rehearsals of "
        "*.rehearsal.yaml files, in virtual time: weeks take seconds, and nothing is sent.",
        epilog=_EPILOG.format(
            words="\n".join(f"  grantex-tui rehearse {word:<9} {WORDS[word]}" for word in WORDS)
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH",
        help="*.rehearsal.yaml (or .toml) files, folders with them, or recordings; - for stdin",
    )  # fmt: skip
    _add_running(parser)
    _add_output(parser)
    add_monitors(parser)
    add_events(parser)
    parser.set_defaults(run=run)


def _add_running(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rehearsal files")
    group.add_argument("--run", dest="only", metavar="REGEX", help="only those so named")
    group.add_argument(
        "--jobs", type=count, metavar="N", help="so many at a time (as there are CPUs)"
    )
    group.add_argument("--list", action="store_true", help="say which there are, and run none")
    group.add_argument(
        "--schema", action="store_true", help="print the JSON schema of rehearsal files"
    )
    group.add_argument(
        "--fidelity", action="store_true",
        help="print what is exact, approximate and unknown about a rehearsal",
    )  # fmt: skip


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--quiet", "-q", action="store_true", help="only what failed")
    shown.add_argument(
        "--verbose", "-v", action="store_true", help="what passed in full, too, and every message"
    )
    shown.add_argument("--json", action="store_true", help="JSON instead of text")
    shown.add_argument(
        "--format", choices=FORMS, metavar="FORM",
        help=f"{', '.join(FORMS[:-1])} or {FORMS[-1]} on standard output (text)",
    )  # fmt: skip
    group.add_argument(
        "--markdown", nargs="?", const="-", metavar="FILE",
        help="Markdown, for a pull request; instead of text, or into a file",
    )  # fmt: skip
    group.add_argument("--github", action="store_true", help="add annotations for GitHub Actions")
    group.add_argument("--junit", metavar="FILE", help="write JUnit XML, too")
    group.add_argument("--html", metavar="FILE", help="write one HTML page with charts, too")


def word_of(argv: Sequence[str]) -> str | None:
    """The command below `rehearse` that *argv* asks for."""
    return argv[1] if argv[:1] == ["rehearse"] and argv[1:2] and argv[1] in WORDS else None


def word_parser(word: str) -> argparse.ArgumentParser:
    """The command line of `grantex-tui rehearse WORD`, from what follows the word."""
    parser = Parser(
        prog=f"grantex-tui rehearse {word}",
        description=WORDS[word][0].upper() + WORDS[word][1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module = import_module(f"grantex_tui.cli.rehearse_{word}")
    module.add_arguments(parser)
    parser.set_defaults(command="rehearse", run=module.run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Rehearse what was named."""
    if args.schema or args.fidelity:
        return _print_about(schema=args.schema)
    check_output(args)
    began = time.perf_counter()
    specs, recordings = _sorted_out(args.paths, scenario=bool(args.scenario))
    if not specs:
        args.recordings = recordings
        return report([_recorded(args)], args, began)
    _check_options(args)
    rehearsals, broken = _read(specs)
    if broken:
        return _tell_mistakes(broken, args, began)
    chosen = _chosen(rehearsals, args.only)
    if args.list:
        from grantex_tui.words.display import printable

        for _, rehearsal in chosen:
            print(printable(f"{rehearsal.path}:{rehearsal.line}: {rehearsal.name}"))
        return ExitCode.OK
    return report(_run(chosen, args), args, began)


def _print_about(*, schema: bool) -> int:
    if schema:
        import json

        from grantex_tui.rehearsal.spec.schema import spec_schema

        print(json.dumps(spec_schema(), indent=2, ensure_ascii=False))
    else:
        from grantex_tui.rehearsal.engine.fidelity import render_fidelity

        print(render_fidelity(width()))
    return ExitCode.OK


def _sorted_out(paths: Sequence[str], *, scenario: bool) -> tuple[list[str], list[str]]:
    """The rehearsal files, or the recordings, that the paths stand for."""
    from pathlib import Path

    from grantex_tui.rehearsal.spec.rehearsal import is_spec
    from grantex_tui.rehearsal.suite.run import find_specs

    if paths[:1] and not Path(paths[0]).exists():
        _check_word(paths[0])
    specs: list[str] = []
    recordings: list[str] = []
    for path in _expanded(paths):
        found = find_specs(path) if Path(path).is_dir() else []
        if found or is_spec(path):
            specs += found or [path]
        else:
            recordings.append(path)
    if specs and (recordings or scenario):
        raise UsageError(
            f"rehearsal files and {recordings[0] if recordings else '--scenario'} together",
            hint="A rehearsal file names its own events.",
        )
    if not paths and not scenario:
        specs = find_specs(".")
        if not specs:
            raise UsageError(
                "there is nothing to rehearse: no *.rehearsal.yaml below this folder",
                hint="Name rehearsal files, recordings, or a --scenario.",
            )
    return list({os.path.realpath(path): path for path in specs}.values()), recordings


def _check_word(word: str) -> None:
    """Look whether what is no file was meant as a command.

    Raises:
        UsageError: It is nearly one, or what other tools call one.
    """
    from difflib import get_close_matches

    near = get_close_matches(word, WORDS, 1, cutoff=0.75)
    hint = f"Did you mean grantex-tui rehearse {near[0]}?" if near else _ELSEWHERE.get(word)
    if hint:
        raise UsageError(f"{word} is neither a file nor a command", hint=hint)


def _expanded(paths: Sequence[str]) -> Iterable[str]:
    """Patterns that the shell left alone stand for what they match."""
    import glob
    from pathlib import Path

    for path in paths:
        if path != "-" and glob.has_magic(path) and not Path(path).exists():
            yield from sorted(glob.glob(path, recursive=True)) or [path]  # noqa: PTH207 - as given
        else:
            yield path


def _check_options(args: argparse.Namespace) -> None:
    """What a rehearsal file says itself can't be said on the command line."""
    given = ("monitors", "pipeline", "incidents", "seed", "start", "end")
    wrong = [f"--{name}" for name in given if getattr(args, name) is not None]
    wrong += ["--delivery"] if args.delivery != "watch" else []
    wrong += ["--latency"] if args.latency else []
    wrong += ["--phase"] if args.phase != (0,) else []
    if wrong:
        raise UsageError(
            f"{', '.join(wrong)} with rehearsal files", hint="Write it into the file instead."
        )


def _read(specs: Sequence[str]) -> tuple[list[tuple[int, Rehearsal]], list[Outcome]]:
    """Every rehearsal with its place in its file; and each file with mistakes as what it came to."""
    from grantex_tui.rehearsal.engine.simulated import simulate
    from grantex_tui.rehearsal.expect.verdict import Outcome
    from grantex_tui.rehearsal.spec.read import load_spec

    rehearsals: list[tuple[int, Rehearsal]] = []
    broken: list[Outcome] = []
    for path in specs:
        try:
            rehearsals += enumerate(load_spec(path, simulate))
        except InvalidFileError as error:
            code = ExitCode.INVALID_FILE
            broken.append(Outcome(path, path, error=error.message, exit_code=code))
    return rehearsals, broken


def _tell_mistakes(broken: Sequence[Outcome], args: argparse.Namespace, began: float) -> int:
    """All mistakes on stderr, a line each; in a report, too, if a program waits for one."""
    mistakes = [line for each in broken for line in str(each.error).split("\n")]
    sys.stderr.writelines(f"{mistake}\n" for mistake in mistakes)
    number = len(mistakes)
    sys.stderr.write(f"{number} mistake{'s' * (number > 1)}; nothing was rehearsed\n")
    told = args.json or args.github or args.markdown == "-"
    if told or any(getattr(args, form) is not None for form in FILES):
        args.quiet = not args.json and args.markdown != "-"
        return report(broken, args, began)
    return ExitCode.INVALID_FILE


def _chosen(
    rehearsals: Sequence[tuple[int, Rehearsal]], only: str | None
) -> Sequence[tuple[int, Rehearsal]]:
    import re

    if only is None:
        return rehearsals
    try:
        chosen = [each for each in rehearsals if re.search(only, each[1].name)]
    except re.error as error:
        raise UsageError(f"--run {only!r} is no regular expression: {error}") from None
    if not chosen:
        names = ", ".join(repr(each.name) for _, each in rehearsals[:5])
        more = f" and {len(rehearsals) - 5} more" if rehearsals[5:] else ""
        raise UsageError(f"no rehearsal matches {only!r}", hint=f"There are {names}{more}.")
    return chosen


def _run(chosen: Sequence[tuple[int, Rehearsal]], args: argparse.Namespace) -> list[Outcome]:
    import os

    from grantex_tui.rehearsal.engine.simulated import simulate
    from grantex_tui.rehearsal.suite.workers import run_all
    from grantex_tui.report.why import explained

    jobs = args.jobs or os.cpu_count() or 1
    # The page draws every evaluation's value.
    outcomes = list(run_all(chosen, simulate, jobs=jobs, with_tracks=args.html is not None))
    if args.junit is None and args.html is None and not args.verbose:
        return outcomes
    return [
        explained(rehearsal, outcome, simulate)
        for (_, rehearsal), outcome in zip(chosen, outcomes, strict=True)
    ]


def _recorded(args: argparse.Namespace) -> Outcome:
    """A rehearsal without a file: nothing is expected, all is told."""
    from grantex_tui.rehearsal.expect.verdict import Outcome

    for option in ("only", "list", "jobs"):
        if getattr(args, option):
            name = {"only": "run"}.get(option, option)
            raise UsageError(f"--{name} is for rehearsal files", hint="Leave it out.")
    began = time.perf_counter()
    given = input_from(args)
    passes = tuple(given.passes(with_tracks=args.html is not None))
    if not any(each.ticks for each in passes):
        lasts = round(max(passes[0].end - passes[0].start, 0.0), 3)
        raise InvalidFileError(
            f"nothing was evaluated: {lasts:g} s are less than a minute",
            path=given.known.name,
            hint="Give --end, such as +10m, to go on after the last event.",
        )
    return Outcome(given.known.name, given.known.name, passes, seconds=time.perf_counter() - began)
