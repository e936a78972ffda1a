"""Measures evaluating monitors: events of a recording through pipeline, router and evaluator.

    python tests/bench/monitors.py [--events N] [--monitors N]

A day of captured events, repeated and re-dated, in virtual time, with the bundled nine monitors and
then with as many distinct ones as asked for; prints µs an event for each, and their ratio.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import Monitor
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.metrics import read_log_metric
from grantex_tui.monitoring.count.router import Router
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.pack import metric_text, monitor_texts


CAPTURE = Path(__file__).parents[2] / "fixtures" / "grantex-events.ndjson"
START = 1_780_000_000.0
READ = 200
"""Events a read, as a busy stream has them."""


def events_of(count: int, seconds: float) -> list[tuple[float, list[Event]]]:
    """Reads of captured events, dated evenly over *seconds*."""
    captured = CAPTURE.read_bytes().splitlines()
    reads = []
    for first in range(0, count, READ):
        at = START + seconds * first / count
        created = rfc3339(at).encode()
        made = []
        for number in range(first, min(count, first + READ)):
            raw = captured[number % len(captured)]
            stamp = raw.index(b'"createdAt":"') + 13
            event = decode_event(raw[:stamp] + created + raw[stamp + 24 :])
            assert isinstance(event, Event)
            made.append(event)
        reads.append((at, made))
    return reads


def bundled() -> list[Monitor]:
    """The nine."""
    return [m for name, text in monitor_texts() for m in load_monitors(text, path=name)]


def distinct(count: int) -> list[Monitor]:
    """Monitors that ask as many different questions: one an agent, as a team would write them."""
    base = bundled()[0]
    made = []
    for number in range(count):
        query = (
            f'logs("source:grantex @grantex.event_type:token.issued '
            f'@grantex.agent_id:ag_{number:026d}").index("*").rollup("count").last("5m") > 50'
        )
        obj = {**base.source, "name": f"tokens of agent {number}", "query": query}
        made += load_monitors(json.dumps(obj), path="bench")
    return made


def evaluate(monitors: list[Monitor], reads: list[tuple[float, list[Event]]]) -> tuple[float, int]:
    """Seconds of CPU, and transitions."""
    pipelines = bundled_pipelines()
    metrics = [read_log_metric(json.loads(metric_text()))]
    began = time.process_time()
    evaluator = Evaluator(monitors, start=START, metrics=metrics)
    router = Router(evaluator.counters, EventLogs(pipelines), pipelines)
    transitions = 0
    for at, events in reads:
        transitions += len(evaluator.advance_before(at))
        router.route(events, at)
    transitions += len(evaluator.advance(reads[-1][0] + 3600))
    return time.process_time() - began, transitions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--monitors", type=int, default=1_000)
    args = parser.parse_args()
    block = min(args.events, 200_000)
    reads = events_of(block, 86_400.0 * block / args.events)
    results = []
    for name, monitors in (
        ("the bundled nine", bundled()),
        (f"{args.monitors} distinct", distinct(args.monitors)),
    ):
        seconds, transitions = evaluate(monitors, reads)
        results.append(seconds)
        print(
            f"{name:20}{block / seconds:>12,.0f} events/s{1e6 * seconds / block:>8.2f} µs an event"
            f"{transitions:>8} transitions"
        )
    print(f"{'ratio':20}{results[1] / results[0]:>12.2f}")


if __name__ == "__main__":
    main()
