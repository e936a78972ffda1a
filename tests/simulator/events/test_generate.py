from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import islice

import pytest

from grantex_sim.events.stories import MIX, STORIES
from grantex_sim.scenario.generate import UNPACED, generated
from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.types import EVENT_TYPES


START = 1_767_603_600.0  # 2026-01-05T09:00:00Z
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
SHA_256_OF_1000 = """
import hashlib, itertools
from grantex_sim.scenario.generate import generated
source = generated(rate=50, seed=7, start=1767603600.0)(0.0)
print(hashlib.sha256(b"".join(e.payload for e in itertools.islice(source, 1000))).hexdigest())
"""


def take(count, rate=50.0, seed=7, start=START):
    return list(islice(generated(rate=rate, seed=seed, start=start)(0.0), count))


def payloads(count, **options):
    return [event.payload for event in take(count, **options)]


def shape(value):
    """A value's form: the keys in their order, and what kind of value each has."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and ULID.search(value):
        return ULID.sub("ULID", value)
    return type(value).__name__


def forms(lines):
    found = defaultdict(set)
    for line in lines:
        event = json.loads(line)
        found[event["type"]].add(json.dumps(shape({**event, "type": ""})))
    return found


def dated(text):
    return re.sub(r"(GRV|ER)-\d{4}-", r"\1-YYYY-", text)


def test_all_types_have_the_fields_of_the_real_ones_in_their_order(captured):
    real, ours = forms(captured), forms(payloads(20_000))
    assert set(real) == set(ours) == set(EVENT_TYPES)
    for name in EVENT_TYPES:
        assert {dated(form) for form in ours[name]} <= {dated(form) for form in real[name]}, name


def test_payloads_are_written_as_the_service_writes_them():
    for payload in payloads(5_000):
        value = json.loads(payload)
        assert list(value) == ["id", "type", "createdAt", "data"]
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert payload == again.encode()
        assert isinstance(decode_event(payload), Event)


def test_the_same_seed_and_start_give_the_same_bytes():
    assert payloads(2_000) == payloads(2_000)


def test_another_process_gives_the_same_bytes():
    command = [sys.executable, "-c", SHA_256_OF_1000]
    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert other == hashlib.sha256(b"".join(payloads(1_000))).hexdigest()


@pytest.mark.parametrize("change", [{"seed": 8}, {"start": START + 1}, {"rate": 51.0}])
def test_another_seed_start_or_rate_gives_others(change):
    assert payloads(100, **change) != payloads(100)


def test_ids_are_ulids_of_their_moment_and_never_repeat():
    events = [json.loads(payload) for payload in payloads(20_000)]
    ids = [event["id"] for event in events]
    assert len(set(ids)) == len(ids)
    assert all(ULID.fullmatch(event_id.removeprefix("evt_")) for event_id in ids)
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for event in events[:200]:
        epoch_ms = 0
        for digit in event["id"][4:14]:
            epoch_ms = epoch_ms * 32 + digits.index(digit)
        assert epoch_ms == round(parse_rfc3339(event["createdAt"]) * 1000)


def test_the_rate_is_of_events_and_what_belongs_together_comes_together():
    events = take(2_001, rate=20.0)
    assert events[2_000].at == pytest.approx(100, abs=0.5)
    created = [json.loads(event.payload)["createdAt"] for event in events]
    assert created[0] == "2026-01-05T09:00:00.000Z"
    by_second = Counter(text[:19] for text in created)
    assert all(10 <= count <= 30 for count in list(by_second.values())[:-1])


def test_without_a_start_time_begins_when_the_first_client_connects():
    source = generated(rate=1, seed=1)
    assert b'"createdAt":"2026-01-05T09:00:00.000Z"' in next(source(START)).payload


def test_a_rate_of_zero_has_a_time_all_the_same():
    assert take(int(UNPACED) + 1, rate=0.0)[-1].at == pytest.approx(1, abs=0.05)


def test_tokens_belong_to_grants_and_repeat_what_these_say():
    grants = {}
    tokens = 0
    for payload in payloads(10_000):
        event = json.loads(payload)
        data = event["data"]
        if event["type"] == "grant.created":
            grants[data["grantId"]] = data
        if event["type"] == "token.issued" and data["grantId"] in grants:
            tokens += 1
            grant = grants[data["grantId"]]
            assert all(data[key] == grant[key] for key in ("agentId", "principalId", "scopes"))
    assert tokens > 3_000


def test_delegated_grants_have_a_parent_one_level_up():
    grants = {}
    for payload in payloads(5_000):
        event = json.loads(payload)
        data = event["data"]
        if event["type"] == "grant.created":
            grants[data["grantId"]] = data
            parent = grants.get(data.get("parentGrantId", ""))
            if parent:
                assert data["delegationDepth"] == parent.get("delegationDepth", 0) + 1
                assert data["principalId"] == parent["principalId"]


def test_revoked_grants_get_no_more_tokens():
    revoked = set()
    for payload in payloads(20_000)[1_000:]:
        event = json.loads(payload)
        grant = event["data"].get("grantId")
        if event["type"] == "grant.revoked":
            revoked.add(grant)
        elif event["type"] == "token.issued":
            assert grant not in revoked


def test_the_mix_names_every_type_once():
    assert set(MIX) == set(STORIES) == set(EVENT_TYPES)
    assert list(STORIES) == list(EVENT_TYPES)
