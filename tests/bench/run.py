"""Measures `grantex-tui watch` end to end against a naive forwarder, in turn, in one run.

    make bench              the whole table (about three minutes)
    python tests/bench/run.py --quick
    python tests/bench/run.py --only paths      one of: speed, paced, paths, idle, stages

One source, one intake, one forwarder at a time; CPU and memory are the operating system's figures
for the forwarder's whole process. *net* is without what a run of two events takes: without start-up.
Rates vary between machines and runs; ratios within a run and µs an event are what to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.stages import STAGES


HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
TUI = shutil.which("grantex-tui", path=str(BIN)) or "grantex-tui"
FLUSH = ("--flush-interval", "0.2")
ZSTD = ("--compression", "zstd")
KEYS = {"GRANTEX_API_KEY": "bench-0123456789abcdef", "DD_API_KEY": "bench"}


@dataclass(frozen=True)
class Case:
    """One row: who forwards how many events to an intake how far away (milliseconds)."""

    name: str
    delay: int
    count: int
    rate: float = 0
    options: tuple[str, ...] = ()
    naive: bool = False
    doors: int = 1
    paths: str = "sse"


@dataclass(frozen=True)
class Result:
    """What one run took."""

    events: int
    per_second: float
    cpu: float
    """Seconds, start-up included."""
    rss_mb: float
    p50_ms: float
    p99_ms: float
    requests: int

    def net_us(self, start: float) -> float:
        """CPU an event, in µs, without *start* seconds."""
        return 1e6 * max(0.0, self.cpu - start) / self.events


@contextmanager
def started(script: str, *options: str):
    """A helper process that says ``READY port`` once it listens."""
    command = [sys.executable, str(HERE / script), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[1]}"
    finally:
        process.kill()
        process.communicate()


def measure(case: Case, sampled_by: Sequence[str] = ()) -> Result:
    """Run one case; *sampled_by* is a command that is told the source's port and runs the program."""
    source_options = ("--count", str(case.count), "--rate", str(case.rate))
    with (
        started("source.py", *source_options, "--doors", str(case.doors)) as source,
        started("sink.py", "--delay", str(case.delay)) as sink,
        tempfile.TemporaryDirectory() as journal,
    ):
        port = source.rpartition(":")[2]
        program = [*sampled_by, port] if sampled_by else [TUI]
        usage = run(case.name, command_of(case, program, source, sink, journal))
        with urllib.request.urlopen(sink) as answer:
            figures = json.load(answer)
    if figures["unique"] != case.count or figures["entries"] != case.count:
        sys.exit(f"{case.name}: {figures['unique']} of {case.count} events arrived")
    return Result(
        events=case.count,
        per_second=case.count / max(1e-9, figures["last_at"] - figures["first_at"]),
        cpu=usage.ru_utime + usage.ru_stime,
        rss_mb=usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        requests=figures["requests"],
    )


def run(name: str, command: list[str]) -> resource.struct_rusage:
    """Run a forwarder to its end; what it used."""
    process = subprocess.Popen(
        command, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name}: exit {process.returncode}\n{said.decode()}")
    return usage


def command_of(case: Case, program: list[str], source: str, sink: str, journal: str) -> list[str]:
    """The forwarder's command line."""
    if case.naive:
        return [sys.executable, str(HERE / "naive.py"), source, sink, str(case.count)]
    return [
        *program, "watch", "--headless", "--json", "--paths", case.paths, "--url", source,
        "--intake-url", sink, "--journal", journal, "--events", str(case.count), *case.options,
    ]  # fmt: skip


# --- the parts of the table -----------------------------------------------------------------------


def speed(*, quick: bool) -> Iterator[Case]:
    """At full speed; a naive forwarder comes before those that are compared with it."""
    many = 60_000 if quick else 400_000
    for delay, few in ((0, 20_000), (50, 6_000), (200, 2_000)):
        yield Case(f"naive, batch 100, intake {delay} ms", delay, few, naive=True)
        yield Case(f"watch, gzip, intake {delay} ms", delay, many)
        yield Case(f"watch, zstd, intake {delay} ms", delay, many, options=ZSTD)


def paced(*, quick: bool) -> Iterator[Case]:
    """At a tenant's rates."""
    seconds = 5 if quick else 10
    for rate in (1_000, 10_000):
        yield Case(f"watch, {rate:,}/s, intake 50 ms", 50, seconds * rate, rate, FLUSH)


def paths(*, quick: bool) -> Iterator[Case]:
    """One path and two, from a source with both doors."""
    many, seconds = (60_000, 5) if quick else (400_000, 15)
    for name, count, rate in (("full speed", many, 0), ("1,000/s", 1_000 * seconds, 1_000)):
        yield Case(f"one path, {name}", 50, count, rate, FLUSH)
        yield Case(f"both paths, {name}", 50, count, rate, FLUSH, doors=2, paths="both")


def print_rows(cases: Iterable[Case]) -> None:
    # Two seconds, since some of what a run needs is loaded once it is connected.
    start = measure(Case("start-up", 0, 2, rate=0.5, options=FLUSH)).cpu
    print(f"start-up: {start:.2f} s of CPU, two events and the way out included")
    head = f"{'':36}{'events/s':>10}{'× before':>9}{'CPU µs':>8}{'net':>7}{'RSS MB':>8}"
    print(head + f"{'p50 ms':>9}{'p99 ms':>9}{'requests':>10}")
    before: dict[int, float] = {}
    single = 0.0
    for case in cases:
        result = measure(case)
        net = result.net_us(0.0 if case.naive else start)
        ratio = ""
        if case.naive:
            before[case.delay] = result.per_second
        elif case.doors == 2:
            ratio = f"{net / single:.2f}"
        elif not case.rate and case.delay in before:
            ratio = f"{result.per_second / before[case.delay]:.1f}"
        single = net
        print(
            f"{case.name:36}{result.per_second:>10,.0f}{ratio:>9}"
            f"{1e6 * result.cpu / result.events:>8.1f}{net:>7.1f}"
            f"{result.rss_mb:>8.0f}{result.p50_ms:>9.0f}{result.p99_ms:>9.0f}"
            f"{result.requests:>10,}",
            flush=True,
        )
        time.sleep(0.5)  # lets the sockets of the last run go


def print_stages(*, quick: bool) -> None:
    """Where the time goes, by stage: µs of CPU an event."""
    many, seconds = (60_000, 5) if quick else (400_000, 15)
    cases = [
        Case("full speed", 50, many, 0, FLUSH),
        Case("10,000/s", 50, 10_000 * seconds, 10_000, FLUSH),
        Case("1,000/s", 50, 1_000 * seconds, 1_000, FLUSH),
        Case("both, full", 50, many, 0, FLUSH, doors=2, paths="both"),
        Case("both, 1,000/s", 50, 1_000 * seconds, 1_000, FLUSH, doors=2, paths="both"),
    ]
    columns = []
    for case in cases:
        with tempfile.NamedTemporaryFile() as file:
            program = [sys.executable, str(HERE / "stages.py"), file.name]
            measure(case, program)
            columns.append(json.load(file))
    print(f"{'µs of CPU an event':20}" + "".join(f"{case.name:>15}" for case in cases))
    for stage in STAGES[1:]:
        row = (
            1e6 * column["seconds"].get(stage, 0.0) / case.count
            for case, column in zip(cases, columns, strict=True)
        )
        print(f"{stage:20}" + "".join(f"{value:>15.2f}" for value in row))
    sums = (
        1e6 * sum(s for stage, s in column["seconds"].items() if stage != STAGES[0]) / case.count
        for case, column in zip(cases, columns, strict=True)
    )
    print(f"{'sum':20}" + "".join(f"{value:>15.2f}" for value in sums))
    starts = (column["seconds"].get(STAGES[0], 0.0) for column in columns)
    print(f"{'start-up (s)':20}" + "".join(f"{value:>15.3f}" for value in starts))
    reads = (column["receives_a_second"] for column in columns)
    print(f"{'receives a second':20}" + "".join(f"{value:>15,}" for value in reads), flush=True)


def print_idle(*, quick: bool) -> None:
    """What a stream costs on which little happens, in percent of a core; the start not included."""
    if not Path("/proc/self/schedstat").exists():
        print("idle: not measured, this system has no /proc/PID/schedstat")
        return
    seconds = 15 if quick else 60
    for rate in (0.1, 10):
        case = Case(f"{rate:g}/s", 0, 1_000_000, rate=rate)
        with (
            started("source.py", "--count", str(case.count), "--rate", str(rate)) as source,
            started("sink.py") as sink,
            tempfile.TemporaryDirectory() as journal,
        ):
            command = command_of(case, [TUI], source, sink, journal)
            nowhere = subprocess.DEVNULL
            process = subprocess.Popen(
                command, env={**os.environ, **KEYS}, stdout=nowhere, stderr=nowhere
            )
            try:
                time.sleep(5)
                before, began = cpu_of(process.pid), time.perf_counter()
                time.sleep(seconds)
                spent, lasted = cpu_of(process.pid) - before, time.perf_counter() - began
            finally:
                process.terminate()
                process.wait()
        print(f"{rate:g} events/s: {100 * spent / lasted:.3f} % of a core", flush=True)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that the threads of a process have had."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer events, shorter")
    parser.add_argument("--only", choices=("speed", "paced", "paths", "idle", "stages"))
    args = parser.parse_args()
    for name, cases in (("speed", speed), ("paced", paced), ("paths", paths)):
        if args.only in (name, None):
            print_rows(cases(quick=args.quick))
    if args.only in ("idle", None):
        print_idle(quick=args.quick)
    if args.only in ("stages", None):
        print_stages(quick=args.quick)


if __name__ == "__main__":
    main()
