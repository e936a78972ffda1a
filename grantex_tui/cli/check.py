"""`grantex-tui check`: what is wrong with monitor and pipeline files, before Datadog says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.cli.options import read_text
from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from grantex_tui.datadog.check import Located
    from grantex_tui.datadog.monitor.searches import UnknownFacets


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="find mistakes in monitors and pipelines",
        description="Check Datadog monitors, log pipelines and log-based metrics (API JSON, or "
        "YAML of the same structure): what Datadog would refuse, and what it would take and you "
        "would regret.",
        epilog="Exit code 3 when there are errors; advice alone is 0. Without FILE the bundled "
        "monitors and pipeline are checked.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument("--strict", action="store_true", help="exit with 3 on advice, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the files and print what was found."""
    from grantex_tui.datadog.check import check_texts
    from grantex_tui.events.types import EVENT_TYPES

    texts = _texts(args.files)
    found = check_texts(texts, known_types=EVENT_TYPES, unknown_facets=_unknown_facets(texts))
    errors = sum(located.problem.severity == "error" for located in found)
    if args.json:
        _print_json(found)
    else:
        _print_text(found)
        advice = len(found) - errors
        files = len(args.files) or 1
        sys.stderr.write(
            f"{errors} error{'s' * (errors != 1)}, {advice} piece{'s' * (advice != 1)} of advice"
            + (f" in {files} files\n" if files > 1 else "\n")
        )
    return ExitCode.INVALID_FILE if errors or (args.strict and found) else ExitCode.OK


def _unknown_facets(texts: Sequence[tuple[str, str]]) -> UnknownFacets:
    """Which conditions no event has, after the pipelines among the files, or the bundled one."""
    from grantex_tui.datadog.document import read_document
    from grantex_tui.datadog.pipeline import parse_pipelines
    from grantex_tui.errors import InvalidFileError
    from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
    from grantex_tui.monitoring.count.presence import unknown_conditions

    pipelines = []
    for path, text in texts:
        if '"processors"' not in text and "processors:" not in text:
            continue
        try:
            pipelines += parse_pipelines(read_document(text, path=path).value, path=path)
        except InvalidFileError:
            continue  # a mistake that the check names
    logs = EventLogs(pipelines or bundled_pipelines())
    return lambda search: unknown_conditions(search, logs)


def _texts(files: Sequence[str]) -> list[tuple[str, str]]:
    if not files:
        from grantex_tui.pack import metric_text, monitor_texts, pipeline_text

        monitors = [(f"pack/monitors/{name}.json", text) for name, text in monitor_texts()]
        return [
            *monitors,
            ("pack/pipeline.json", pipeline_text()),
            ("pack/metric.json", metric_text()),
        ]
    return [
        ("-", sys.stdin.read()) if name == "-" else (name, read_text(Path(name))) for name in files
    ]


def _print_text(found: Sequence[Located]) -> None:
    from grantex_tui.words.display import printable

    for located in found:
        problem = located.problem
        where = f" at {problem.where}" if problem.where else ""
        subject = f" in {printable(located.subject, limit=60)!r}" if located.subject else ""
        print(
            f"{located.path}:{located.line}: {problem.severity}: "
            f"{printable(problem.message, limit=400)}{subject}{where} [{problem.code}]"
        )
        print(f"    rule: {printable(problem.rule, limit=400)}")
        print(f"    fix:  {printable(problem.fix, limit=2000)}")


def _print_json(found: Sequence[Located]) -> None:
    import json

    rows = [
        {
            "path": located.path,
            "line": located.line,
            "object": located.subject,
            "severity": located.problem.severity,
            "code": located.problem.code,
            "message": located.problem.message,
            "where": located.problem.where,
            "rule": located.problem.rule,
            "fix": located.problem.fix,
        }
        for located in found
    ]
    print(json.dumps(rows, indent=2))
