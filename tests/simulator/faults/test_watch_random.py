"""`watch` under scripts that nobody wrote: what is emitted is delivered, or its loss has a name.

``FAULT_SCRIPTS=500`` tries as many of them; each is its seed.
"""

from __future__ import annotations

import asyncio
import os
from random import Random

import pytest

from grantex_sim.account.ledger import Ledger
from grantex_sim.account.verdicts import EventVerdict
from grantex_sim.faults import parse_fault_text


SCRIPTS = int(os.environ.get("FAULT_SCRIPTS", "10"))
EVENTS = 30
ENDS = ("reset", "kill", "clean-end", "bad-chunk", "truncate-event")
LOST_ANSWERS = (
    "intake lost-202",
    "intake bad-chunk",
    "intake reset-after-bytes=9",
    "intake reset-after-bytes=40",
)
REFUSALS = (
    "intake status=503",
    "intake status=429 retry-after=3",
    "intake status=408 body=slow",
    "intake status=500 wrong-mime body=<html>",
    "intake status=403",
    "intake redirect=http://elsewhere.example/",
    "intake reset",
    "intake reset=before",
)
DEADLY = ("intake status=400", "intake status=413")
HARMLESS = (
    "intake delay=2ms",
    "intake dribble=0ms",
    "intake empty-body",
    "intake wrong-mime",
    "intake slow-read=1000000",
    "stream split=7",
    "stream split=utf8",
    "stream cr-only",
    "stream crlf",
    "stream bom",
    "stream comments=2",
    "stream fields",
    "stream retry=0s",
    "stream multi-line",
    "stream delay=3ms",
    "stream type=* split=3",
    "stream type=* comments=3",
    "stream reorder",
    "stream created-at-inversion=5s",
    "stream huge-event=20kB",
)
REFUSED_STREAMS = (
    "stream status=503",
    "stream status=429 retry-after=9",
    "stream status=500 body=oops",
    "stream drain",
    "stream lock-out",
    "stream leak-slot",
    "stream redirect=/v1/events/stream",
)
CUTS = (
    *(f"stream {end} after-events={count}" for end in ENDS for count in (0, 1, 5)),
    *(f"stream type=* {end}" for end in ENDS),
    *(f"stream reset-after-bytes={count}" for count in (0, 30, 250, 900)),
    "stream kill after-time=3ms",
)
UNSEEN = ("stream skip", "stream malformed-json")
COPIES = ("stream duplicate", "stream duplicate=3")


def random_script(dice: Random) -> list[str]:
    """A handful of faults, each of which hits now and then."""
    pools = (
        LOST_ANSWERS,
        REFUSALS,
        DEADLY,
        HARMLESS,
        HARMLESS,
        REFUSED_STREAMS,
        CUTS,
        UNSEEN,
        COPIES,
    )
    return [
        f"{dice.choice(pool)} {_when(dice)}" for pool in dice.choices(pools, k=dice.randint(2, 7))
    ]


def _when(dice: Random) -> str:
    number = dice.randint(1, 6)
    return dice.choice(
        (f"nth={number}", f"first={min(number, 3)}", f"every={number + 1}", f"p=0.{number} times=5")
    )


def fired(states, pool) -> int:
    """How often faults of *pool* have hit."""
    kinds = {str(parse_fault_text(text).do) for text in pool}
    return sum(state.fired for state in states if str(state.fault.do) in kinds)


async def begin(run, script: list[str]) -> None:
    """One event on a whole stream, so that from then on each absence of one is a gap."""
    await run.emit(0)
    await run.delivered(1)
    run.session.faults.replace([*script, "stream now reset"])


async def play(run, dice: Random, make_payload) -> None:
    """Emit, now and then while nobody listens, or faster than it is delivered."""
    for number in range(1, EVENTS):
        if dice.random() < 0.8:
            await run.open()
        run.session.emitter.emit([make_payload(number)])
        for _ in range(dice.choice((0, 0, 3))):
            await asyncio.sleep(0.001)


def is_delivered(ledger: Ledger, event_id: str) -> bool:
    return ledger.verdict(event_id)[0] is EventVerdict.DELIVERED


async def settle(run, make_payload) -> None:
    """Until an event has been delivered: with it has everything that went over its stream before."""
    ledger = run.session.ledger
    for number in range(90, 100):
        await run.open()
        connects = run.engine.frame().connection.connects
        (marker,) = run.session.emitter.emit([make_payload(number)])
        await run.until(
            lambda marker=marker, connects=connects: (
                is_delivered(ledger, marker) or run.engine.frame().connection.connects > connects
            )
        )
        if is_delivered(ledger, marker):
            break
    await run.until(lambda: run.engine.summary().pending == 0)


@pytest.mark.parametrize("seed", range(SCRIPTS))
async def test_what_is_emitted_is_delivered_or_its_loss_has_a_name(seed, watching, make_payload):
    dice = Random(seed)
    script = random_script(dice)
    async with watching(fault_seed=seed) as run:
        await begin(run, script)
        await play(run, dice, make_payload)
        states = [*run.session.faults.in_force]
        run.session.faults.replace([])
        run.session._grantex.forget_leaks()
        await settle(run, make_payload)
        ledger = run.session.control.report()
        summary = run.engine.summary()
        settled = run.session.control.report(settle=0.0)
    said = f"{script}: {[state.line() for state in states]}"
    assert ledger.emitted == ledger.delivered + len(ledger.missing), said
    assert summary.received == summary.delivered + summary.dead_lettered, said
    assert (summary.pending, summary.dropped) == (0, ()), said
    unseen = fired(states, UNSEEN)
    known = summary.dead_lettered + unseen
    if len(ledger.missing) > known:
        assert summary.gaps, said
    assert summary.malformed <= unseen + 3 * fired(states, COPIES), said
    lost = [request for request in ledger.requests if request.reason.startswith("fault: ")]
    entries = sum(request.entries for request in lost if request.status == 202)
    assert ledger.duplicates <= entries + 3 * fired(states, COPIES), said
    if not summary.dead_lettered:
        assert settled.lost == [], said
    if not fired(states, LOST_ANSWERS) and not fired(states, COPIES):
        assert ledger.duplicates == 0, said
