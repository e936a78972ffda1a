"""Measures rehearsing: from a recording's file to the finished pass, on one core.

    python tests/bench/rehearse.py [--events N] [--big] [--keep FILE]

Two weeks of generated events in a journal's form, the bundled nine monitors, each case in a process
of its own. Prints seconds of CPU, µs an event, the peak of memory, and how many times longer it
takes than ``grep -c`` over the same file; then what a sweep of 30 cells takes in single runs of its
monitor, 30 rehearsal files one by one and two at a time, and the same logs as an archive. The generated events hold every type
at such rates that monitors alert by the thousand; the same is measured over the bundled scenario
``two-weeks``, which is what a tenant is like. *--big* measures ten times as many events as well.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import msgspec

from grantex_sim.scenario.generate import generated
from grantex_tui.clock import rfc3339
from grantex_tui.events.entry import Sender
from grantex_tui.events.event import Event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.rehearsal.engine.input import open_recordings
from grantex_tui.rehearsal.engine.model import INSTANT, WATCH
from grantex_tui.rehearsal.engine.run import run_phases, sweep_phases
from grantex_tui.rehearsal.sweep.sweep import Grid, sweep
from tests.support.plans import load_plan


START = 1_780_000_000.0
SPAN = 14 * 86_400.0
MEBI = 1 << 20
EVERYBODY = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
SPECS = 30
ARCHIVED = 200_000
"""Events of which an archive is made; making their logs takes longer than rehearsing them."""
SPEC = """\
version: 1
monitors: [pack]
rehearsals:
  - name: number {number}
    events: {{recording: {recording}}}
    delivery: instant
    expect:
      at_most: {{monitor: revocations, alerts: 1000}}
"""


def write_recording(path: Path, count: int) -> None:
    """A journal of two weeks, received 20 ms after each event was created."""
    source = generated(rate=count / SPAN, seed=1, start=START)(START)
    with path.open("wb", buffering=MEBI) as file:
        for event in islice(source, count):
            when = rfc3339(START + event.at + 0.02)
            file.write(b'{"receivedAt":"%s","event":%s}\n' % (when.encode(), event.payload))


def write_scenario(path: Path) -> int:
    """The bundled scenario of two weeks, its incidents beside it; returns how many events it has."""
    words = ["generate", "two-weeks", "-o", str(path), "--quiet"]
    subprocess.run([sys.executable, "-m", "grantex_sim", *words], check=True)
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def write_archive(path: Path, journal: Path, count: int) -> None:
    """The logs of a journal's first events, as Datadog archives them."""
    logs = EventLogs(bundled_pipelines(), Sender(tags=("env:prod", "team:authz")))
    encode = msgspec.json.Encoder().encode
    with path.open("wb", buffering=MEBI) as file:
        for number, arrival in enumerate(islice(Recording(journal), count)):
            assert isinstance(arrival, Arrival)
            assert isinstance(arrival.event, Event)
            log = logs.log(arrival.event, arrival.received_at or START)
            held = {
                "_id": f"AQ{number:012}", "date": rfc3339(log.timestamp / 1000),
                "host": log.host, "service": log.service, "source": log.source,
                "status": log.status, "tags": log.tags, "message": log.message,
                "attributes": log.attributes,
            }  # fmt: skip
            file.write(encode(held) + b"\n")


def report_archive(journal: Path, count: int) -> None:
    """The same logs as an archive: how many times as long as the journal, and a search in them."""
    archive, head = Path(f"{journal}.archive"), Path(f"{journal}.head")
    write_archive(archive, journal, count)
    with journal.open("rb") as lines:
        head.write_bytes(b"".join(islice(lines, count)))
    (one, _), (other, peak) = (measured("as watch judges", each) for each in (head, archive))
    print(
        f"  the first {count:,} as an archive: {1e6 * other / count:.2f} µs a log, {peak:.0f} MiB, "
        f"{other / one:.2f} × their journal"
    )
    for query in ("@grantex.event_type:budget.*", "@grantex.event_type:budget.exhausted"):
        seconds, _ = measured(f"search {query}", archive)
        print(f"  search --count '{query}': {1e6 * seconds / count:.2f} µs a log")


def counted(path: str, query: str) -> None:
    """`search --count`, as the command does it."""
    command = [sys.executable, "-m", "grantex_tui", "search", query, "--count", path]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def deal_out(path: Path) -> None:
    """The lines of a recording, to be merged again: every other one in a file of its own."""
    with path.open("rb") as lines, ExitStack() as files:
        names = (f"{path}.part{number}" for number in range(2))
        parts = [files.enter_context(Path(name).open("wb", buffering=MEBI)) for name in names]
        for line, part in zip(lines, cycle(parts), strict=False):
            part.write(line)


def plain(path: str) -> int:
    """Event by event, without sketches: what the short cuts are worth."""
    events = iter(open_recordings([path]))
    return sum(p.events for p in passes(lambda: events))


def report_of(path: str) -> None:
    """From the file to the printed report, as the command does it."""
    command = [sys.executable, "-m", "grantex_tui", "rehearse", path]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def one_monitor(path: str) -> None:
    """A single run of the monitor that is swept."""
    plan = load_plan()
    passes(lambda: open_recordings([path]), plan=replace(plan, monitors=plan.monitors[:1]))


def passes(make_events, *, phases=(0,), delivery=INSTANT, plan=None, **options):
    return run_phases(
        make_events, plan or load_plan(), source="bench", delivery=delivery, phases=phases, **options
    )  # fmt: skip


def swept(path: str, name: str) -> object:
    """Ten thresholds by three windows of one monitor."""
    plan = load_plan()
    monitor = next(each for each in plan.monitors if name in each.name)
    return sweep(
        monitor,
        plan,
        Grid(criticals=tuple(range(10, 101, 10)), windows=(60, 300, 900)),
        lambda tried: passes(
            lambda: open_recordings([path]), plan=tried, with_tracks=True, with_notifications=False
        ),
    )


SCENARIO = ["the command, to its report", "as watch judges", "six phases", "no monitors"]
"""What is measured over the scenario as well."""
CASES = {
    "the command, to its report": report_of,
    "as watch judges": lambda path: passes(lambda: open_recordings([path])),
    "behind the forwarder": lambda path: passes(lambda: open_recordings([path]), delivery=WATCH),
    "two recordings merged": lambda path: passes(lambda: open_recordings([f"{path}.part*"])),
    "every evaluation kept": lambda path: passes(lambda: open_recordings([path]), with_tracks=True),
    "six phases": lambda path: passes(lambda: open_recordings([path]), phases=sweep_phases()),
    "a sweep of 10 x 3": lambda path: swept(path, "many grants revoked"),
    "the same over groups": lambda path: swept(path, "vault credential exchanges"),
    "one monitor": one_monitor,
    "no monitors": lambda path: passes(
        lambda: open_recordings([path]), plan=replace(load_plan(), monitors=())
    ),
    "event by event": plain,
}


def cpu_seconds() -> float:
    """What this process and those that it has waited for have used."""
    used = map(resource.getrusage, EVERYBODY)
    return sum(each.ru_utime + each.ru_stime for each in used)


def one(case: str, path: str) -> None:
    """Measure a case in this process."""
    began = cpu_seconds()
    if case.startswith("search "):
        counted(path, case.removeprefix("search "))
    else:
        CASES[case](path)
    seconds = cpu_seconds() - began
    peak = max(resource.getrusage(who).ru_maxrss for who in EVERYBODY) / 1024
    sys.stdout.write(json.dumps([seconds, peak]))


def measured(case: str, path: Path) -> tuple[float, float]:
    """Seconds and MiB of a case in a process of its own."""
    command = [sys.executable, __file__, "--one", case, "--keep", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def grep_seconds(path: Path) -> float:
    """The best of three: CPU of ``grep -c .``."""
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["grep", "-c", ".", str(path)], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def write_specs(folder: Path, recording: Path, count: int) -> None:
    """Rehearsal files, each over a thirtieth of a recording."""
    with recording.open("rb") as lines:
        for number in range(SPECS):
            part = folder / f"{number}.ndjson"
            part.write_bytes(b"".join(islice(lines, count // SPECS)))
            spec = SPEC.format(number=number, recording=part.name)
            (folder / f"{number}.rehearsal.yaml").write_text(spec)


def run_specs(folder: Path, jobs: int) -> float:
    """Seconds on the clock of the command over all of a folder's rehearsal files."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "grantex_tui", "rehearse", str(folder), "--jobs", str(jobs)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def report_specs(recording: Path, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_specs(Path(folder), recording, count)
        alone = run_specs(Path(folder), 1)
        both = run_specs(Path(folder), 2)
    print(
        f"  {SPECS} rehearsal files of {count // SPECS:,} events: {alone:.2f} s one by one, "
        f"{both:.2f} s two at a time ({alone / both:.2f} × as fast, if two cores are idle)"
    )


def report(path: Path, count: int, cases, what: str = "generated") -> None:
    grep = grep_seconds(path)
    size = path.stat().st_size / 1e6
    print(f"{count:,} {what} events in two weeks, {size:,.0f} MB; grep -c takes {grep:.2f} s")
    took = {}
    for case in cases:
        seconds, peak = measured(case, path)
        took[case] = seconds
        print(
            f"  {case:27}{seconds:>7.2f} s{1e6 * seconds / count:>7.2f} µs an event"
            f"{peak:>6.0f} MiB{seconds / grep:>7.0f} × grep"
        )
    if "one monitor" in took:
        ratio = took["a sweep of 10 x 3"] / took["one monitor"]
        print(f"  the sweep is {ratio:.2f} × one run of its monitor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--big", action="store_true", help="ten times as many as well")
    parser.add_argument("--keep", help="make, and find, the recording here")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(args.one, args.keep)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(args.keep or Path(folder) / "two-weeks.ndjson")
        if not path.exists():
            write_recording(path, args.events)
        deal_out(path)
        report(path, args.events, CASES)
        report_specs(path, args.events)
        report_archive(path, min(args.events, ARCHIVED))
        scenario = Path(folder) / "scenario.ndjson"
        report(scenario, write_scenario(scenario), SCENARIO, "two-weeks")
        if args.big:
            big = Path(folder) / "big.ndjson"
            write_recording(big, 10 * args.events)
            report(big, 10 * args.events, ["as watch judges"])


if __name__ == "__main__":
    main()
