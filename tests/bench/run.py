"""Measures `grantex-tui watch` end to end against a naive forwarder, in turn, in one run.

    make bench              the whole table (about three minutes)
    python tests/bench/run.py --quick

One source, one intake, one forwarder at a time; CPU and memory are the operating system's figures
for the forwarder's whole process, start-up included. Rates vary between machines and runs; ratios
within a run and µs an event are what to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
KEYS = {"GRANTEX_API_KEY": "bench-0123456789abcdef", "DD_API_KEY": "bench"}


@dataclass(frozen=True)
class Case:
    """One row: who forwards how many events to an intake how far away (milliseconds)."""

    name: str
    delay: int
    count: int
    rate: int = 0
    options: tuple[str, ...] = ()
    naive: bool = False


@dataclass(frozen=True)
class Result:
    """What one run took."""

    events: int
    per_second: float
    cpu_us: float
    rss_mb: float
    p50_ms: float
    p99_ms: float
    requests: int


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


def measure(case: Case) -> Result:
    """Run one case."""
    with (
        started("source.py", "--count", str(case.count), "--rate", str(case.rate)) as source,
        started("sink.py", "--delay", str(case.delay)) as sink,
        tempfile.TemporaryDirectory() as journal,
    ):
        process = subprocess.Popen(
            command_of(case, source, sink, journal),
            env={**os.environ, **KEYS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{case.name}: exit {process.returncode}\n{said.decode()}")
        with urllib.request.urlopen(sink) as answer:
            figures = json.load(answer)
    if figures["unique"] != case.count:
        sys.exit(f"{case.name}: {figures['unique']} of {case.count} events arrived")
    return Result(
        events=case.count,
        per_second=case.count / max(1e-9, figures["last_at"] - figures["first_at"]),
        cpu_us=1e6 * (usage.ru_utime + usage.ru_stime) / case.count,
        rss_mb=usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        requests=figures["requests"],
    )


def command_of(case: Case, source: str, sink: str, journal: str) -> list[str]:
    """The forwarder's command line."""
    if case.naive:
        return [sys.executable, str(HERE / "naive.py"), source, sink, str(case.count)]
    tui = shutil.which("grantex-tui", path=str(BIN)) or "grantex-tui"
    return [
        tui, "watch", "--headless", "--json", "--paths", "sse", "--url", source, "--intake-url", sink,
        "--journal", journal, "--events", str(case.count), *case.options,
    ]  # fmt: skip


def cases(*, quick: bool) -> list[Case]:
    """The table's rows; a naive one comes before those that are compared with it."""
    many = 60_000 if quick else 400_000
    rows = []
    for delay, few in ((0, 20_000), (50, 6_000), (200, 2_000)):
        rows.append(Case(f"naive, batch 100, intake {delay} ms", delay, few, naive=True))
        rows.append(Case(f"watch, gzip, intake {delay} ms", delay, many))
        zstd = ("--compression", "zstd")
        rows.append(Case(f"watch, zstd, intake {delay} ms", delay, many, options=zstd))
    if not quick:
        paced = ("--flush-interval", "0.2")
        rows.append(Case("watch, 1,000/s, intake 50 ms", 50, 10_000, 1_000, paced))
        rows.append(Case("watch, 10,000/s, intake 50 ms", 50, 100_000, 10_000, paced))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer events, no paced rows")
    args = parser.parse_args()
    columns = (
        f"{'':36}{'events/s':>10}{'× naive':>9}{'CPU µs':>8}{'RSS MB':>8}{'p50 ms':>9}{'p99 ms':>9}"
    )
    print(columns + f"{'requests':>10}")
    base: dict[int, float] = {}
    for case in cases(quick=args.quick):
        result = measure(case)
        if case.naive:
            base[case.delay] = result.per_second
        ratio = f"{result.per_second / base[case.delay]:.1f}" if not case.rate else ""
        print(
            f"{case.name:36}{result.per_second:>10,.0f}{ratio:>9}{result.cpu_us:>8.1f}"
            f"{result.rss_mb:>8.0f}{result.p50_ms:>9.0f}{result.p99_ms:>9.0f}"
            f"{result.requests:>10,}",
            flush=True,
        )
        time.sleep(0.5)  # lets the sockets of the last run go


if __name__ == "__main__":
    main()
