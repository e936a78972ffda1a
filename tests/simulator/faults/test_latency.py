"""Delays that are drawn: their percentiles, their seed, their words."""

from __future__ import annotations

import pytest

from grantex_sim.faults import FaultError, FaultScript, parse_fault_text
from grantex_sim.faults.text import fault_text
from grantex_sim.http.wire import Request
from grantex_tui.clock import WallClock


POST = Request("POST", "/api/v2/logs", "1.1", ())


def delays(fault: str, count: int, seed: int = 7) -> list[float]:
    script = FaultScript([fault], clock=WallClock(), seed=seed)
    found = (script.answer(POST, []) for _ in range(count))
    return sorted(answer.delay for answer in found if answer is not None)


@pytest.mark.parametrize(
    ("fault", "shares"),
    [
        ("p50:80ms,p99:2s", {0.5: 0.08, 0.99: 2.0}),
        ("p50:10ms,p95:50ms", {0.5: 0.01, 0.95: 0.05}),
        ("100ms..300ms", {0.5: 0.2, 0.99: 0.298}),
    ],
)
def test_ten_thousand_requests_have_the_percentiles_that_were_asked_for(fault, shares):
    drawn = delays(f"intake delay={fault}", 10_000)
    assert len(drawn) == 10_000
    for share, seconds in shares.items():
        assert drawn[int(share * len(drawn))] == pytest.approx(seconds, rel=0.05)


def test_the_seed_gives_the_same_and_another_others():
    fault = "intake delay=p50:80ms,p99:2s"
    assert delays(fault, 20) == delays(fault, 20)
    assert delays(fault, 20) != delays(fault, 20, seed=8)


@pytest.mark.parametrize("delay", ["p50:80ms,p99:2s", "50ms..300ms"])
def test_it_is_told_as_it_is_written_and_reads_as_itself(delay):
    fault = parse_fault_text(f"stream delay={delay}")
    assert fault_text(fault) == f"stream delay={delay}"
    assert parse_fault_text(fault_text(fault)) == fault


@pytest.mark.parametrize(
    "delay",
    ["300ms..50ms", "1s..1s", "..", "p50:1s", "p50:2s,p99:1s", "p50:1s,p50:2s", "p0:1s,p99:2s",
     "p50:1s,p99:2s,p100:3s", "p50:0s,p99:1s", "pale", "p50:x,p99:1s", "1s..x"],
)  # fmt: skip
def test_what_is_no_delay_is_told(delay):
    with pytest.raises(FaultError, match="delay"):
        parse_fault_text(f"intake delay={delay}")
