"""`grantex-tui search`: a Datadog log search over recordings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.cli.options import add_sender, count, read_text, sender_from
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.datadog.search import Node
    from grantex_tui.events.event import Event
    from grantex_tui.events.recorded.recording import Recording
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.presence import Presence


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "search",
        help="try a Datadog log search on recorded events",
        description="Print what a Datadog log search matches in recordings: events as Datadog "
        "would see them (sent by the forwarder, shaped by the pipeline), and logs that Datadog "
        "has held, with the tags, service and attributes that they had there.",
        epilog="example: grantex-tui search '@grantex.event_type:budget.*' events.ndjson --by "
        "@grantex.grant_id",
    )
    parser.add_argument("query", metavar="QUERY", help="Datadog log search; '' matches all")
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="a journal, events one a line, a Datadog archive, a page of its log search, or a CSV "
        "export; plain, gzip or zstd; - for stdin",
    )  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--count", action="store_true", help="only how many match")
    shown.add_argument(
        "--by", metavar="FACET", help="how many match by @path, tag or reserved name"
    )
    shown.add_argument(
        "--explain",
        action="store_true",
        help="the query as a tree, and for each event, clause by clause, why it matches or not",
    )
    parser.add_argument("--limit", type=count, metavar="N", help="stop after N events printed")
    parser.add_argument(
        "--pipeline", action="append", metavar="FILE",
        help="instead of the bundled pipeline; logs of an archive go through it, too",
    )  # fmt: skip
    add_sender(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Search the files and print what was asked for."""
    from grantex_tui.datadog.search import SearchError, compile_node, parse
    from grantex_tui.events.recorded.recording import Recording
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.presence import Presence

    try:
        node = parse(args.query)
    except SearchError as error:
        raise UsageError(f"{error.message}\n{error.pointer()}", hint=error.hint) from error
    pipelines = _pipelines(args.pipeline)
    logs = EventLogs(pipelines, sender_from(args), again=bool(args.pipeline))
    presence = Presence([args.query], logs)
    recordings = [Recording(name) for name in args.files]
    matches = compile_node(node)
    pairs = _pairs(recordings, logs, presence)
    if args.explain:
        _explain(node, pairs, args.limit)
    elif args.count:
        from grantex_tui.monitoring.finding.matching import matching_logs

        print(matching_logs(recordings, args.query, logs, pipelines, presence))
    elif args.by:
        _count_by(args.by, (log for _, log in pairs if matches(log)))
    else:
        _print(pairs, matches, args.limit)
    for recording in recordings:
        if recording.bad_lines:
            sys.stderr.write(f"{recording.name}: {recording.bad_lines} lines are no events\n")
            sys.stderr.writelines(f"  {problem}\n" for problem in recording.problems)
    code = _tell_limits(node, args.by, pipelines)
    if not code:
        _tell_unmatched(presence)
    return code


def _pipelines(files: Sequence[str] | None) -> list[Pipeline]:
    """The pipelines of *files*, or the bundled one."""
    from grantex_tui.datadog.document import read_document
    from grantex_tui.datadog.pipeline import parse_pipelines
    from grantex_tui.monitoring.count.event_logs import bundled_pipelines

    if not files:
        return bundled_pipelines()
    return [
        pipeline
        for name in files
        for pipeline in parse_pipelines(
            read_document(read_text(Path(name)), path=name).value, path=name
        )
    ]


def _tell_unmatched(presence: Presence) -> None:
    """Say which conditions no log at all could fulfil: that nothing matches is no news then."""
    from grantex_tui.words.display import printable

    for _, condition in presence.unmatched():
        sys.stderr.write(f"no log here has {printable(condition, limit=200)}\n")


def _tell_limits(node: Node, facet: str | None, pipelines: Sequence[Pipeline]) -> int:
    """Say what the pipelines left out, known after the run; 1 if the search depends on it."""
    from grantex_tui.datadog.pipeline import Doubts
    from grantex_tui.datadog.search import Field, fields
    from grantex_tui.words.display import printable

    for note in dict.fromkeys(note for each in pipelines for note in each.approximations):
        sys.stderr.write(f"approximate: {printable(note, limit=400)}\n")
    doubts = Doubts(pipelines)
    looked_at = [*sorted(fields(node), key=str), *([Field.of(facet)] if facet else [])]
    in_doubt = [field for field in looked_at if doubts.of(field)]
    for field in in_doubt:
        sys.stderr.write(f"not evaluated: {printable(str(field), limit=200)} depends on it\n")
    return 1 if in_doubt else 0


def _pairs(
    recordings: Sequence[Recording], logs: EventLogs, presence: Presence
) -> Iterator[tuple[Event, Log]]:
    """Every event with its log; taken by the intake when it was received, or created."""
    from grantex_tui.monitoring.finding.matching import arrived

    for recording in recordings:
        for event, at in arrived(recording):
            presence.see_events((event,))
            yield event, logs.log(event, at)


def _print(
    pairs: Iterator[tuple[Event, Log]], matches: Callable[[Log], bool], limit: int | None
) -> None:
    from itertools import islice

    write = sys.stdout.buffer.write
    for event, _ in islice((pair for pair in pairs if matches(pair[1])), limit):
        write(event.raw.replace(b"\n", b" ") + b"\n")
    sys.stdout.flush()


def _count_by(facet: str, logs: Iterator[Log]) -> None:
    from grantex_tui.datadog.search import Field, count_by
    from grantex_tui.words.display import printable

    for value, number in count_by(logs, Field.of(facet)):
        print(f"{number:>9,}  {printable(value, limit=200)}")


def _explain(node: Node, pairs: Iterator[tuple[Event, Log]], limit: int | None) -> None:
    from itertools import islice

    from grantex_tui.datadog.search import explain, render_explanation, tree_text
    from grantex_tui.words.display import printable

    print(tree_text(node))
    for event, log in islice(pairs, limit):
        explanation = explain(node, log)
        verdict = "matches" if explanation.matched else "does not match"
        name = f"{printable(event.id, limit=60)} {printable(event.type, limit=60)}"
        print(f"\n{name} {verdict}")
        print(render_explanation(explanation))
