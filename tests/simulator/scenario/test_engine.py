from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantex_sim.events.stories import MIX
from grantex_sim.events.world import Habits, Populations
from grantex_sim.scenario import Scenario, read_scenario, scenario_events, scenario_source
from grantex_sim.scenario.model import Constant, Phase
from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.types import EVENT_TYPES


START = 1_767_603_600.0  # 2026-01-05T09:00:00Z
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def scenario(text, **changes):
    return read_scenario(text, path="test.yaml", name="test", **changes)


def told(text):
    return [(event.at, json.loads(event.payload)) for event in scenario_events(scenario(text))]


def count(events, kind, first=0.0, last=9e9):
    return sum(first <= at < last and event["type"] == kind for at, event in events)


def one_phase(rest, rate=2, extra=""):
    return f"phases: [{{rate: {rate}, poisson: true, mix: {{token.issued: 3, grant.created: 1}}{extra}}}]\n{rest}"


weights = st.dictionaries(
    st.sampled_from(EVENT_TYPES), st.floats(0.1, 10), min_size=1, max_size=len(EVENT_TYPES)
)
shares = st.floats(0, 1)


@given(
    seed=st.integers(0, 2**63 - 1),
    mix=weights,
    rate=st.sampled_from([0.02, 0.5, 5.0, 80.0, 900.0]),
    habits=st.builds(
        Habits,
        delegated=shares,
        depth=st.integers(0, 5),
        cascades=shares,
        exhausted=shares,
        token_first=shares,
    ),
    populations=st.builds(
        Populations,
        agents=st.integers(1, 5),
        principals=st.integers(1, 9),
        grants=st.integers(1, 40),
        hostile=st.integers(0, 9),
    ),
    poisson=st.booleans(),
)
@SLOW
def test_nothing_impossible_ever_happens(impossible, seed, mix, rate, habits, populations, poisson):
    events = list(
        scenario_events(
            Scenario(
                name="any",
                description="",
                seed=seed,
                start=START,
                duration=600 / rate,
                populations=populations,
                habits=habits,
                phases=(Phase(None, Constant(rate), poisson=poisson, mix=mix),),
            )
        )
    )
    assert impossible(event.payload for event in events) == []
    assert all(earlier.at <= later.at for earlier, later in pairwise(events))
    assert all(0 <= event.at < 600 / rate for event in events)


def test_the_checker_finds_what_is_impossible(impossible):
    """A test of the tests: a stream that is cut up must not pass."""
    lively = Scenario(
        name="",
        description="",
        seed=1,
        start=START,
        duration=400.0,
        phases=(Phase(None, Constant(10)),),
    )
    payloads = [event.payload for event in scenario_events(lively)]
    assert impossible(payloads) == []
    assert impossible(payloads[1_000:]) != []
    assert impossible(payloads[:500] + payloads[:500]) != []
    assert impossible(payloads[::-1]) != []


def test_the_same_seed_gives_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from grantex_sim.scenario import *;"
        "events = scenario_events(load_scenario('everything', duration=900.0));"
        "print(hashlib.sha256(b''.join(event.payload for event in events)).hexdigest())"
    )
    run = [sys.executable, "-c", code]
    here = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    from grantex_sim.scenario import load_scenario

    events = scenario_events(load_scenario("everything", duration=900.0))
    assert here == hashlib.sha256(b"".join(event.payload for event in events)).hexdigest()


def test_tokens_come_before_their_grant_in_a_third_of_the_cases():
    events = told("seed: 5\nduration: 30m\nphases: [{rate: 10, mix: {grant.created: 1}}]")
    first: Counter[str] = Counter()
    seen = set()
    for _, event in events:
        if event["data"]["grantId"] not in seen:
            seen.add(event["data"]["grantId"])
            first[event["type"]] += 1
    assert first["token.issued"] / first.total() == pytest.approx(1 / 3, abs=0.03)


def test_created_at_goes_back_as_seldom_as_on_the_real_service():
    """Measured: 5 of 354 adjacent pairs; same milliseconds 95, ids 55."""
    events = [event for _, event in told("phases: [{for: 2m, rate: 100, poisson: true}]")]
    pairs = list(pairwise(events))
    back = sum(a["createdAt"] > b["createdAt"] for a, b in pairs) / len(pairs)
    ids = sum(a["id"] > b["id"] for a, b in pairs) / len(pairs)
    assert 0.003 < back < 0.03
    assert 0.03 < ids < 0.25


def test_events_arrive_milliseconds_after_they_were_created():
    delays = [
        START + at - parse_rfc3339(event["createdAt"])
        for at, event in told("start: 2026-01-05T09:00:00Z\nphases: [{for: 4h, rate: 0.2}]")
    ]
    delays.sort()
    assert delays[len(delays) // 2] == pytest.approx(0.003, abs=0.002)
    assert 0 <= delays[0] <= delays[-1] < 0.06


def test_an_incident_has_as_many_events_as_it_says():
    events = told(
        one_phase(
            "duration: 1h\nincidents:\n"
            "  - {label: storm, from: 30m, for: 10m, inject: {type: grant.revoked, count: 150}}"
        )
    )
    assert count(events, "grant.revoked", 1_800, 2_402) == 150
    assert count(events, "grant.revoked") == 150


@pytest.mark.parametrize(
    ("inject", "kind", "of"),
    [
        ("{type: token.issued, rate: 1, agents: 1, grants: 2}", "token.issued", "grantId"),
        ("{type: vault.credential.exchanged, count: 90, principals: 1}", None, "principalId"),
        ("{type: budget.exhausted, count: 5, agents: 1, grants: 5}", None, None),
    ],
)
def test_what_is_injected_can_be_about_a_few(inject, kind, of):
    text = f"incidents: [{{label: x, from: 20m, for: 10m, inject: {inject}}}]\nduration: 1h"
    quiet = one_phase("duration: 1h")
    kind = kind or inject.split("type: ")[1].split(",")[0]
    more = Counter(
        event["data"].get(of or "grantId")
        for at, event in told(one_phase(text))
        if kind == event["type"]
    )
    less = Counter(
        event["data"].get(of or "grantId") for at, event in told(quiet) if kind == event["type"]
    )
    if of is None:
        assert sorted(more.values()) == [1, 1, 1, 1, 1]
    else:
        top = more.most_common(1)[0][1]
        assert top >= 80
        assert top > 1.5 * max(less.values(), default=0)


def test_delegation_goes_down_to_the_depth_that_is_asked_for():
    events = told(
        one_phase(
            "duration: 1h\nstory: {depth: 1}\nincidents: [{label: x, from: 20m, for: 10m, "
            "inject: {type: grant.created, count: 20, depth: 5}}]"
        )
    )
    depths = [
        (at, e["data"].get("delegationDepth", 0))
        for at, e in events
        if e["type"] == "grant.created"
    ]
    assert max(depth for _, depth in depths) == 5
    assert all(depth <= 1 for at, depth in depths if not 1_200 <= at < 1_803)


def test_revocations_take_descendants_along_when_they_shall():
    text = one_phase(
        "duration: 1h\nstory: {cascades: 0}\nincidents: [{label: x, from: 20m, for: 10m, "
        "inject: {type: grant.revoked, count: 12, cascade: 1}}]"
    )
    revoked = [
        event["data"]["cascade"] for _, event in told(text) if event["type"] == "grant.revoked"
    ]
    assert revoked == [True] * 12


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (
            one_phase(
                "duration: 1h\nincidents: [{label: x, from: 20m, for: 17m, silence: true}]", 5
            ),
            1_200,
            2_220,
        ),
        (
            one_phase("duration: 1h\nactivity: [{from: 20m, for: 17m, silence: true}]", 5),
            1_200,
            2_220,
        ),
        (one_phase("duration: 1h", 5, ", silence: {after: 20m, for: 17m}"), 1_200, 2_220),
        (
            "phases: [{for: 20m, rate: 5}, {for: 17m, silence: true}, {for: 5m, rate: 5}]",
            1_200,
            2_220,
        ),
    ],
)
def test_silence_is_silent_and_only_then(text, first, last):
    times = [at for at, _ in told(text)]
    assert not [at for at in times if first <= at < last]
    assert [at for at in times if first - 5 <= at < first]
    assert [at for at in times if last <= at < last + 5]


def test_bursts_come_again_and_again_until_the_phase_ends():
    text = (
        "phases:\n"
        "  - {for: 30m, rate: 1, mix: {token.issued: 1}, "
        "burst: {after: 5m, every: 10m, over: 10s, count: 40, type: fido.registered}}\n"
        "  - {for: 30m, rate: 1, mix: {token.issued: 1}}\n"
    )
    times = [at for at, event in told(text) if event["type"] == "fido.registered"]
    assert len(times) == 120
    assert all((at - 300) % 600 < 10 and at < 1_800 for at in times)


def test_phases_begin_again_until_the_end():
    text = "duration: 10m\nphases: [{for: 1m, rate: 10}, {for: 1m, silence: true}]"
    minutes = {int(at // 60) for at, _ in told(text)}
    assert minutes == {0, 2, 4, 6, 8}


def test_an_activity_is_repeated_and_is_no_incident():
    text = one_phase(
        "duration: 3h\nactivity: [{from: 10m, for: 1m, every: 1h, inject: {type: grant.revoked, count: 5}}]"
    )
    revoked = [at // 3600 for at, event in told(text) if event["type"] == "grant.revoked"]
    assert Counter(revoked) == {0: 5, 1: 5, 2: 5}
    assert scenario(text).incidents == ()


def test_hostile_names_arrive_as_the_real_service_sends_them():
    text = "populations: {principals: 8, hostile: 8}\nphases: [{for: 5m, rate: 10}]"
    raw = b"".join(event.payload for event in scenario_events(scenario(text)))
    assert b"\\u001b[31m" in raw
    assert "\u2028".encode() in raw
    assert b"\x1b" not in raw
    assert b"\n" not in raw


def test_a_source_may_begin_when_somebody_connects():
    text = "start: 2026-01-05T09:00:00Z\nphases: [{for: 5m, rate: 10}]"
    own = next(scenario_source(scenario(text))(2e9)).payload
    now = next(scenario_source(scenario(text), is_now=True)(2e9)).payload
    assert b'"createdAt":"2026-01-05T09:00:00.000Z"' in own
    assert b'"createdAt":"2033-05-18T03:33:20.000Z"' in now


def test_the_default_mix_has_all_types():
    assert set(MIX) == set(EVENT_TYPES)
