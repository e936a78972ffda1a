"""What every scenario that comes along keeps: its bytes, its story, its incidents."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict, deque
from itertools import islice, pairwise, takewhile

import pytest

from grantex_sim.scenario import bundled_scenarios, load_scenario, scenario_events
from grantex_sim.scenario.summary import summarise
from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.events.types import EVENT_TYPES


PREFIX = 2_000
TYPE_AT = len('{"id":"evt_') + 26 + len('","type":"')
SHA_256 = {
    "budget-burn": "f3fb663c7de83f28e19b079b7d98b458f5a54a95c698870828122119d2f2ecd6",
    "busy-day": "b359c2430ed8e319182565182d1bc6555862b20ed71fd6959899cfed04b4ae80",
    "dirty-network": "13d1101d4778c88b06d1c4499673ed78589875202f6bd5e3a20ed6bd12da6b8f",
    "everything": "7efc264128442537d73b2a7dbfd564e0c79a458875c96096de45c7bf2f9de2c1",
    "flapping": "0d5ee952305023f78bd225fc8666de784266a3a9fcce28080aba58477f764005",
    "quiet": "17eb0c8ea41d90221a75aa31132481d6f3ca62599cb175cd6345e25e3ee449a2",
    "revocation-storm": "84cbf12be354e6f4dab0e0e2c8888fec8276cfed151c7a9ca7e2974270573e38",
    "runaway-agent": "3d2f3ed23db9d22284ba9694a9c8022e9d927f8cebfd5ccb9035511b5a785024",
    "silent-stream": "958ca3f52cb31e126cacfebd53f42ead0e16344500f1d5678661f6cc048c37ac",
    "token-spike": "a77f88d95e0a3957e3af1127fe54e379346145be73812d236b9f5b92f981c04d",
    "two-weeks": "a9fc34b0cb598262f8b5f51e3327ced4eec346c973025988a296d097d74a377f",
}
"""Of the first events of each; another value means other bytes for everybody, so say it aloud."""
SHORT = sorted(set(SHA_256) - {"two-weeks", "token-spike", "busy-day"})
MONITORS = {
    # What the monitors of the pack count: type, window in seconds, threshold, group, filter.
    "revocations": ("grant.revoked", 300, 50, None, None),
    "cascades": ("grant.revoked", 600, 5, None, lambda data: data["cascade"]),
    "exhausted": ("budget.exhausted", 300, 0, "grantId", None),
    "withdrawals": ("dpdp.consent.withdrawn", 3600, 20, None, None),
    "auto-revoked": ("anomaly.auto_revoked", 300, 0, None, None),
    "vault": ("vault.credential.exchanged", 300, 30, "principalId", None),
    "depth": (
        "grant.created",
        900,
        0,
        "principalId",
        lambda data: data.get("delegationDepth", 0) >= 3,
    ),
}
CAUGHT = {
    "budget-burn": {"exhausted": {"budgets-run-out"}},
    "busy-day": {},
    "quiet": {},
    "dirty-network": {},
    "silent-stream": {},
    "revocation-storm": {"revocations": {"storm"}, "cascades": {"storm"}},
    "runaway-agent": {"vault": {"runaway"}, "depth": {"runaway"}},
    "everything": {
        "revocations": {"mass-revocation"},
        "cascades": {"cascade-teardown"},
        "exhausted": {"budget-runaway"},
        "withdrawals": {"consent-wave"},
        "auto-revoked": {"anomaly-sweep"},
        "vault": {"vault-harvest"},
        "depth": {"deep-delegation"},
    },
    "two-weeks": {
        "revocations": {"mass-revocation", "slow-revocation"},
        "cascades": {"cascade-teardown", "slow-teardown"},
        "exhausted": {"budget-runaway"},
        "withdrawals": {"consent-wave", "second-consent-wave"},
        "auto-revoked": {"anomaly-sweep"},
        "vault": {"vault-harvest", "quiet-harvest"},
        "depth": {"deep-delegation"},
    },
}
COUNTED = {kind for kind, *_ in MONITORS.values()}


def digest(name, **changes):
    events = islice(scenario_events(load_scenario(name, **changes)), PREFIX)
    return hashlib.sha256(b"\n".join(event.payload for event in events)).hexdigest()


def type_of(payload):
    at = payload.index(b'"type":"') + 8
    return payload[at : payload.index(b'"', at)].decode()


def is_counted(payload):
    kind = payload[TYPE_AT : TYPE_AT + 12]
    return kind != b"token.issued" and (kind != b"grant.create" or b"delegationDepth" in payload)


def exceeded(events, monitor):
    """Instants at which the monitor's count is over its threshold."""
    kind, window, threshold, group, wanted = monitor
    counted: dict[str, deque[float]] = defaultdict(deque)
    for at, data in events.get(kind, ()):
        if wanted and not wanted(data):
            continue
        times = counted[data[group] if group else ""]
        times.append(at)
        while times[0] <= at - window:
            times.popleft()
        if len(times) > threshold:
            yield at


def test_every_scenario_is_listed_with_one_line():
    scenarios = bundled_scenarios()
    assert list(scenarios) == sorted(SHA_256)
    assert all(text and "\n" not in text for text in scenarios.values())


@pytest.mark.parametrize("name", sorted(SHA_256))
def test_the_bytes_are_the_same_for_everybody(name):
    assert digest(name) == SHA_256[name]


def test_another_seed_or_start_gives_other_bytes():
    assert len({digest("quiet"), digest("quiet", seed=2), digest("quiet", start=1.8e9)}) == 3


@pytest.mark.parametrize("name", SHORT)
def test_nothing_impossible_happens(name, impossible):
    scenario = load_scenario(name, duration=min(7_200.0, load_scenario(name).duration))
    assert impossible(event.payload for event in scenario_events(scenario)) == []


def test_nothing_impossible_happens_over_days(impossible):
    scenario = load_scenario("two-weeks", duration=86_400.0)
    assert impossible(event.payload for event in scenario_events(scenario)) == []


@pytest.mark.parametrize("name", sorted(CAUGHT))
def test_thresholds_of_the_pack_are_exceeded_in_incidents_and_nowhere_else(name):
    scenario = load_scenario(name)
    events, total, last, silent = defaultdict(list), 0, 0.0, []
    for at, payload in scenario_events(scenario):
        total += 1
        if at - last > 900:
            silent.append((last, at))
        last = at
        # Parsing a million events would take longer than making them.
        if is_counted(payload) and (kind := type_of(payload)) in COUNTED:
            events[kind].append((at, json.loads(payload)["data"]))
    caught = {}
    for monitor, rule in MONITORS.items():
        found = {at: label_at(scenario, at, rule[1]) for at in exceeded(events, rule)}
        assert None not in found.values(), (monitor, found)
        if found:
            caught[monitor] = set(found.values())
    assert caught == CAUGHT[name]
    assert [label_at(scenario, end, 1) for _, end in silent] == [
        "silence" for incident in scenario.incidents if incident.label == "silence"
    ]
    assert total == pytest.approx(summarise(scenario).events, rel=0.05)


def label_at(scenario, at, window):
    """The incident that an instant lies in, or at most a window after."""
    for incident in reversed(scenario.incidents):
        start, end = incident.start - scenario.start, incident.end - scenario.start
        if start <= at < end + window:
            return incident.label
    return None


def test_two_weeks_are_a_million_events_with_an_incident_for_each_monitor():
    scenario = load_scenario("two-weeks")
    assert summarise(scenario).events == pytest.approx(1_000_000, rel=0.01)
    assert scenario.duration == 14 * 86_400
    assert set(CAUGHT["two-weeks"]) == set(MONITORS)


def test_everything_has_all_types():
    events = scenario_events(load_scenario("everything"))
    assert {type_of(event.payload) for event in events} == set(EVENT_TYPES)


def test_flapping_goes_over_the_threshold_and_back_again_and_again():
    scenario = load_scenario("flapping")
    revoked: dict[str, list[tuple[float, object]]] = {"grant.revoked": []}
    for at, payload in scenario_events(scenario):
        if type_of(payload) == "grant.revoked":
            revoked["grant.revoked"].append((at, json.loads(payload)["data"]))
    over = list(exceeded(revoked, MONITORS["revocations"]))
    changes = [later - earlier > 60 for earlier, later in pairwise(over)]
    assert sum(changes) >= 20


def test_incidents_move_with_the_start_and_end_with_the_duration():
    own = load_scenario("revocation-storm")
    moved = load_scenario("revocation-storm", start=own.start + 100.0, duration=1_500.0)
    assert [(each.start, each.end) for each in moved.incidents] == [
        (own.start + 100 + 1_200, own.start + 100 + 1_500)
    ]
    assert load_scenario("revocation-storm", duration=600.0).incidents == ()


def test_a_shorter_duration_is_the_beginning_of_a_longer_one():
    short = list(scenario_events(load_scenario("silent-stream", duration=1_800.0)))
    longer = takewhile(
        lambda event: event.at < 1_800, scenario_events(load_scenario("silent-stream"))
    )
    assert short == list(longer)


def test_an_unknown_name_is_told_with_the_nearest_and_a_missing_file_as_a_file():
    with pytest.raises(UsageError, match="two-weks") as unknown:
        load_scenario("two-weks")
    assert "two-weeks" in unknown.value.hint
    with pytest.raises(InvalidFileError, match=r"nowhere\.yaml"):
        load_scenario("nowhere.yaml")
