"""`watch` delivers everything whatever the intake does, and once where that can be known."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from grantex_tui.delivery.status import DeliveryState


class Row(NamedTuple):
    """A fault that the first request of one event meets, and what is in the ledger then."""

    fault: str
    reasons: tuple[str, ...]
    """Of the requests, in order; an empty one is an ordinary acceptance."""
    duplicates: int = 0
    answer_within: float = 20.0
    waited: float = 0.0
    """Seconds that the forwarder waited before it was done."""


ROWS = [
    Row("intake first=2 status=500", ("fault: status 500", "fault: status 500", "")),
    Row("intake nth=1 status=503 body=down", ("fault: status 503", "")),
    Row("intake nth=1 status=408", ("fault: status 408", "")),
    Row("intake nth=1 status=429 retry-after=7", ("fault: status 429", ""), waited=7.0),
    Row(
        "intake nth=1 status=429 header=X-RateLimit-Reset:9", ("fault: status 429", ""), waited=9.0
    ),
    Row("intake nth=1 status=401", ("fault: status 401", ""), waited=5.0),
    Row("intake nth=1 status=403", ("fault: status 403", ""), waited=5.0),
    Row("intake nth=1 redirect=http://elsewhere.example/", ("fault: status 307", ""), waited=5.0),
    Row("intake nth=1 status=400", ("fault: status 400", ""), waited=5.0),
    Row("intake nth=1 status=413", ("fault: status 413", ""), waited=5.0),
    Row("intake nth=1 status=200", ("fault: status 200",)),
    Row("intake nth=1 delay=30ms", ("fault: delay",)),
    Row("intake nth=1 delay=p50:5ms,p99:30ms", ("fault: delay",)),
    Row("intake nth=1 delay=1s", ("the client left before the answer", ""), answer_within=0.2),
    Row("intake nth=1 reset=before", ("fault: reset before reading", "")),
    Row("intake nth=1 reset", ("fault: reset after reading", "")),
    Row("intake nth=1 half-open", ("fault: half-open", ""), answer_within=0.2),
    Row("intake nth=1 lost-202", ("fault: lost 202", ""), duplicates=1),
    Row("intake nth=1 lost-202=hang", ("fault: lost 202", ""), duplicates=1, answer_within=0.2),
    Row("intake nth=1 reset-after-bytes=9", ("fault: reset after 9 bytes", ""), duplicates=1),
    Row("intake nth=1 bad-chunk", ("fault: bad chunk", ""), duplicates=1),
    Row("intake nth=1 dribble=0.05ms", ("fault: dribble",)),
    Row("intake nth=1 empty-body", ("fault: empty body",)),
    Row("intake nth=1 wrong-mime", ("fault: wrong MIME type",)),
    Row("intake nth=1 body='<html>' type=grant.*", ("fault: another body",)),
    Row("intake nth=1 slow-read=100000", ("fault: slow read",)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
async def test_watch_comes_through(row, watching):
    async with watching(row.fault, answer_within=row.answer_within) as run:
        began = run.clock.monotonic()
        await run.emit(0)
        await run.until(lambda: run.received == 1 and run.engine.summary().pending == 0)
        waited = run.clock.monotonic() - began
    ledger = run.session.control.report()
    summary = run.engine.summary()
    assert run.session.faults.in_force[0].fired
    assert tuple(request.reason for request in ledger.requests) == row.reasons
    assert (ledger.delivered, ledger.duplicates) == (1, row.duplicates)
    assert len(ledger.missing) == summary.dead_lettered == 0
    assert (summary.delivered, summary.gaps) == (1, ())
    assert row.waited <= waited < row.waited + 5


async def test_a_rotated_key_holds_everything_until_the_new_one_is_given(watching):
    async with watching("intake nth=2 key-rotated=0000000000000000000000000000new1") as run:
        await run.emit(0)
        await run.delivered(1)
        await run.emit(1)
        await run.until(lambda: run.forwarder.view().state is DeliveryState.HELD)
        assert "the API key is refused" in run.forwarder.view().detail
        run.forwarder.change_key("0000000000000000000000000000new1")
        ledger = await run.delivered(2)
        await run.until(lambda: run.engine.summary().pending == 0)
    assert (ledger.missing, ledger.duplicates) == ([], 0)
    assert {request.status for request in ledger.requests} == {202, 403}


async def test_random_faults_on_both_sides_lose_nothing_that_went_over_the_wire(watching):
    faults = (
        "intake p=0.3 lost-202",
        "intake p=0.3 status=503",
        "intake p=0.2 reset",
        "stream p=0.5 reset-after-events=3",
        "stream p=0.2 type=* duplicate",
        "stream p=0.5 split=7",
    )
    async with watching(*faults, fault_seed=3) as run:
        for number in range(40):
            await run.emit(number)
        ledger = await run.delivered(40)
        await run.until(lambda: run.engine.summary().pending == 0)
    assert (ledger.emitted, ledger.delivered, ledger.missing) == (40, 40, [])
    assert ledger.duplicates > 0
    assert all(gap.reason.startswith("cut: ") for gap in run.engine.summary().gaps)


async def test_a_request_that_hangs_does_not_hold_up_what_another_has_to_try_again(watching):
    async with watching("intake nth=1 half-open", "intake nth=2 status=503") as run:
        await run.emit(0)
        await run.until(lambda: len(run.session.ledger.report().requests) == 1)
        await run.emit(1)
        await run.until(lambda: run.engine.summary().delivered == 1)
        assert run.forwarder.view().in_flight == 1
        ledger = run.session.control.report()
    assert [request.reason for request in ledger.requests] == [
        "fault: half-open", "fault: status 503", "",
    ]  # fmt: skip
