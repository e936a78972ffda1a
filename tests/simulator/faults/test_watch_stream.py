"""`watch` comes through every fault of the stream: nothing is lost, or the loss has a name."""

from __future__ import annotations

import re
from typing import NamedTuple

import httpx
import pytest

from grantex_sim.service.app import GRANTEX_KEY
from grantex_tui.errors import GrantexRefusedError


class Row(NamedTuple):
    """A fault, and what comes of it when four events are emitted one after the other."""

    fault: str
    gap: str = ""
    """What the one gap says; empty: there is none."""
    lost: tuple[int, ...] = ()
    """The events (0 to 3) that never went over the wire in one piece."""
    malformed: int = 0
    altered: int = 0
    silence: float = 20.0
    waited: float | None = None
    """Seconds before the second connection."""


ROWS = [
    Row("stream nth=1 status=503 retry-after=7", waited=7.0),
    Row("stream nth=1 status=500", waited=0.3),
    Row("stream nth=1 status=429 retry-after=24 header=x-extra:1", waited=24.0),
    Row("stream nth=1 status=502 body='<html>bad gateway</html>'", waited=0.3),
    Row("stream nth=1 lock-out", waited=5.0),
    Row("stream nth=1 drain"),
    Row("stream nth=1 reset"),
    Row("stream nth=1 kill"),
    Row("stream nth=1 half-open", silence=0.2),
    Row("stream nth=1 clean-end after-events=2", "the server ended the stream"),
    Row("stream nth=1 clean-end", "the server ended the stream"),
    Row("stream nth=1 bad-chunk", "the framing is broken", lost=(0,)),
    Row("stream nth=1 reset-after-events=2", "cut: "),
    Row("stream nth=1 reset-after-bytes=500", "within an event", lost=(1,)),
    Row("stream nth=1 reset after-bytes=300", "within an event", lost=(0,)),
    Row("stream nth=1 kill after-events=2", "cut: "),
    Row("stream nth=1 half-open after-events=2", "silent for 0.2 s", silence=0.2),
    Row("stream nth=1 bad-chunk after-events=2", "cut: ", lost=(2,)),
    Row("stream nth=1 truncate-event after-events=2", "within an event", lost=(2,)),
    Row("stream nth=2 type=grant.* reset", "cut: ", lost=(1,)),
    Row("stream nth=2 type=grant.* kill", "cut: ", lost=(1,)),
    Row("stream nth=2 type=grant.* bad-chunk", "cut: ", lost=(1,)),
    Row("stream nth=2 type=grant.* clean-end", "the server ended the stream", lost=(1,)),
    Row("stream nth=2 type=grant.* truncate-event", "within an event", lost=(1,)),
    Row("stream nth=2 type=grant.* half-open", "silent for 0.2 s", lost=(1,), silence=0.2),
    Row("stream nth=1 reset-after-events=2 leak-slot", "cut: "),
    Row("stream nth=1 reset-after-events=2 leak-slot=zombie", "cut: "),
    Row("stream nth=1 delay=50ms"),
    Row("stream nth=1 delay=5ms..50ms"),
    Row("stream dribble=0.05ms"),
    Row("stream split"),
    Row("stream split=utf8"),
    Row("stream cr-only"),
    Row("stream crlf"),
    Row("stream bom"),
    Row("stream comments=3"),
    Row("stream fields"),
    Row("stream retry=3s"),
    Row("stream nth=2 type=* retry=3s"),
    Row("stream nth=2 type=* split=3"),
    Row("stream nth=3 type=* split=utf8 multi-line comments=2 fields", altered=1),
    Row("stream multi-line", altered=4),
    Row("stream nth=1 freeze=30ms after-events=2"),
    Row("stream path=sse nth=1 dead-subscriber after-events=2", lost=(2, 3)),
    Row("stream nth=4 type=* dead-subscriber", lost=(3,)),
    Row("stream nth=2 duplicate"),
    Row("stream nth=2 reorder"),
    Row("stream nth=2 skip", lost=(1,)),
    Row("stream nth=2 malformed-json", lost=(1,), malformed=1),
    Row("stream nth=2 invalid-utf8", altered=1),
    Row("stream nth=2 huge-event=600kB"),
    Row("stream every=2 id-inversion=50ms created-at-inversion=50ms"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
async def test_watch_comes_through(row, watching, make_payload):
    async with watching(row.fault, silence=row.silence) as run:
        for number in range(4):
            await run.emit(number)
            came = number + 1 - sum(lost <= number for lost in row.lost)
            copies = "duplicate" in row.fault and number >= 1
            held = "reorder" in row.fault and number == 1
            await run.until(lambda came=came + copies - held: run.received >= came)
        ledger = await run.delivered(4 - len(row.lost))
        await run.until(lambda: run.engine.summary().pending == 0)
    summary = run.engine.summary()
    assert run.session.faults.in_force[0].fired
    assert ledger.missing == [_id(make_payload(number)) for number in row.lost]
    assert (summary.malformed, summary.pending, summary.dead_lettered) == (row.malformed, 0, 0)
    assert len(summary.gaps) == bool(row.gap)
    assert all(row.gap in gap.reason for gap in summary.gaps)
    assert ledger.altered == row.altered
    assert ledger.duplicates == ("duplicate" in row.fault)
    if row.waited is not None:
        assert run.waited[0] == row.waited


def _id(payload: bytes) -> str:
    found = re.search(rb'"id":"([^"]+)"', payload)
    assert found
    return found[1].decode()


REFUSED = {
    "stream status=401": "401 UNAUTHORIZED: Invalid API key",
    "stream status=404": "404 Not Found: Route GET:/v1/events/stream not found",
    "stream status=204": "204 No Content",
    "stream redirect=http://elsewhere.example/": "307 redirect to http://elsewhere.example/",
    "stream wrong-mime": "the answer is text/html, not text/event-stream",
    "stream header=content-encoding:gzip": "the stream is compressed (gzip)",
    "stream key-rotated": "401 UNAUTHORIZED: Invalid API key",
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_what_asking_again_will_not_change_ends_the_run_and_says_why(fault, watching):
    async with watching(fault) as run:
        await run.running
    assert isinstance(run.engine.refusal, GrantexRefusedError)
    assert REFUSED[fault] in run.engine.refusal.message


async def test_of_an_event_too_large_for_datadog_a_shortened_copy_is_delivered(watching):
    async with watching("stream nth=1 huge-event=1100kB") as run:
        await run.emit(0)
        await run.emit(1)
        ledger = await run.delivered(2)
        await run.until(lambda: run.engine.summary().pending == 0)
    summary = run.engine.summary()
    assert (summary.received, summary.delivered, summary.dead_lettered) == (2, 2, 0)
    assert (ledger.missing, ledger.altered) == ([], 1)


async def test_an_event_too_large_to_take_is_skipped_and_said(watching):
    async with watching("stream nth=1 huge-event=9MiB") as run:
        await run.emit(0)
        await run.emit(1)
        ledger = await run.delivered(1)
    summary = run.engine.summary()
    assert (summary.received, summary.skipped, len(ledger.missing)) == (1, 1, 1)
    assert any("over the limit" in warning for warning in run.engine.frame().warnings)


async def test_a_stream_is_cut_after_a_time(watching):
    async with watching("stream nth=1 reset after-time=20ms") as run:
        await run.emit(0)
        await run.until(lambda: run.engine.frame().connection.connects > 1)
        await run.emit(1)
        ledger = await run.delivered(2)
    (gap,) = run.engine.summary().gaps
    assert (ledger.missing, gap.reason[:4]) == ([], "cut:")


async def test_a_redirect_on_the_same_server_is_followed(watching):
    async with watching("stream nth=1 redirect=/v1/events/stream status=302") as run:
        await run.emit(0)
        ledger = await run.delivered(1)
    assert (ledger.missing, run.engine.summary().gaps) == ([], ())


async def test_an_old_stream_outlives_the_rotation_of_its_key(watching):
    async with watching("stream nth=2 key-rotated=gx-another-key-0001") as run:
        await run.emit(0)
        async with httpx.AsyncClient() as other:
            key = {"authorization": f"Bearer {GRANTEX_KEY}"}
            refused = await other.get(f"{run.simulator.url}/v1/events/stream", headers=key)
        assert refused.status_code == 401
        await run.emit(1)
        ledger = await run.delivered(2)
    assert ledger.missing == []


async def test_a_server_that_drains_keeps_its_streams(watching):
    async with watching("stream after=1 drain") as run:
        for number in range(3):
            await run.emit(number)
        ledger = await run.delivered(3)
    assert (ledger.missing, run.engine.summary().gaps) == ([], ())
