"""What a `watch` process said in real time, `rehearse` says of the journal that it wrote.

It waits for two evaluations on the wall clock, up to two minutes, and so runs only with ``LONG=1``.
The same is shown in virtual time, for any events, in `tests/rehearsal/engine/test_watch_equality.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from grantex_sim.scenario.generate import generated
from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import rfc3339


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("LONG"), reason="two minutes of waiting: LONG=1"),
]
MESSAGE = (
    "{{value}} of {{threshold}}, last {{last_triggered_at_epoch}}, for {{triggered_duration_sec}} s "
    "by {{log.id}} @team"
)
MONITORS = [
    ("busy", 'logs("source:grantex").index("*").rollup("count").last("1m") > 20', 20),
    (
        "principals",
        (
            'logs("source:grantex @grantex.event_type:grant.*").index("*").rollup("count")'
            '.by("@grantex.principal_id").last("1m") > 0'
        ),
        0,
    ),
    (
        "agents",
        (
            'logs("source:grantex").index("*").rollup("cardinality", "@grantex.agent_id")'
            '.last("1m") > 2'
        ),
        2,
    ),
]
EVENTS = 120


def written_monitors(folder: Path) -> list[str]:
    paths = []
    for name, query, critical in MONITORS:
        path = folder / f"{name}.json"
        options = {"thresholds": {"critical": critical}, "new_group_delay": 0}
        path.write_text(
            json.dumps({"name": name, "type": "log alert", "query": query, "message": MESSAGE,
                        "options": options})
        )  # fmt: skip
        paths.append(str(path))
    return paths


def seconds_to_two_evaluations() -> float:
    """From now until a moment after the second full minute, the first being far enough away."""
    left = 60 - time.time() % 60
    return left + (60 if left > 10 else 120) + 2


def told_by(narration: str) -> list[str]:
    """Title and first line of each notification, from what was narrated."""
    lines = narration.splitlines()
    heads = [number for number, line in enumerate(lines) if "monitor [" in line]
    return [f"{lines[n].partition('monitor ')[2]} | {lines[n + 1].strip()}" for n in heads]


def rehearsed(journal: Path, monitors: list[str], start: float, end: float):
    options = [word for path in monitors for word in ("--monitors", path)]
    done = subprocess.run(
        [sys.executable, "-m", "grantex_tui", "rehearse", "--json", "--delivery", "instant",
         "--start", rfc3339(start), "--end", rfc3339(end), *options, str(journal)],
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    report: dict = json.loads(done.stdout)
    (outcome,) = report["outcomes"]
    (only,) = outcome["passes"]
    return only


def test_a_journal_rehearsed_says_what_was_said_while_it_was_written(tmp_path):
    monitors = written_monitors(tmp_path)
    journal = tmp_path / "journal"
    source = generated(rate=20, seed=5)
    with serve_in_thread(source=lambda began: islice(source(began), EVENTS), speed=1) as simulator:
        lasting = seconds_to_two_evaluations()
        started = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "grantex_tui", "watch", "--headless", "--json", "--no-forward",
             "--journal", str(journal), "--monitors", *monitors, "--for", f"{lasting:.1f}"],
            env={**os.environ, "GRANTEX_URL": simulator.url,
                 "GRANTEX_API_KEY": simulator.grantex_key},
            capture_output=True, timeout=lasting + 60, check=False, text=True,
        )  # fmt: skip
        ended = time.time()
    assert done.returncode == 0, done.stderr
    watched = told_by(done.stderr)
    found = rehearsed(journal, monitors, started, ended)
    again = [
        f"{told['title']}{'' if told['notify'] else ' (nobody is notified)'} to @team | "
        f"{told['body'].splitlines()[0]}"
        for told in found["notifications"]
    ]
    assert found["events"] == EVENTS
    assert watched == again
    kinds = {(each["monitor"], each["kind"]) for each in found["transitions"]}
    # Without logs a cardinality has no value, so the last monitor keeps its state.
    assert {(0, "Triggered"), (0, "Recovered"), (1, "Triggered"), (1, "Recovered")} <= kinds
    assert (2, "Triggered") in kinds
