"""From an intake entry to the log that Datadog would hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.log import Log


NOW = 1_790_000_000_000
"""2026-09-21T14:13:20Z"""
HOUR = 3_600_000
EVENT = (
    '{"id":"evt_1","type":"grant.revoked","createdAt":"2026-09-21T13:33:19.000Z",'
    '"data":{"grantId":"grnt_1"}}'
)


def log(**entry):
    return take_entry(entry, received_at=NOW).log


def test_the_entry_of_grantexs_guide_becomes_this_log():
    entry = {
        "ddsource": "grantex",
        "ddtags": "type:grant.revoked",
        "hostname": "grantex-auth-service",
        "service": "grantex",
        "message": EVENT,
    }
    assert take_entry(entry, received_at=NOW).log == Log(
        message=EVENT,
        attributes=json.loads(EVENT),
        tags=("type:grant.revoked",),
        timestamp=NOW,  # createdAt is no date attribute
        host="grantex-auth-service",
        service="grantex",
        source="grantex",
    )


@given(
    st.fixed_dictionaries(
        {"hostname": st.text(), "ddsource": st.text(), "ddtags": st.text(), "service": st.text()}
    ),
    st.dictionaries(st.sampled_from(["id", "type", "data", "n"]), st.integers() | st.text()),
)
def test_the_usual_entry_is_read_as_any_other(entry, inner):
    """Brute force: a key that changes nothing forces the general way."""
    entry["message"] = json.dumps(inner)
    usual = take_entry(entry, received_at=NOW)
    general = take_entry({**entry, "x": None}, received_at=NOW)
    general.log.attributes.pop("x")
    assert usual == general


def test_reserved_keys_become_fields_and_others_attributes():
    found = log(message="m", host="h", source="s", status="ERR", trace_id=7, env="x", n={"a": 1})
    assert (found.host, found.source, found.status, found.trace_id) == ("h", "s", "error", "7")
    assert found.attributes == {"env": "x", "n": {"a": 1}}


@pytest.mark.parametrize("message", ["[1,2]", "5", '"x"', "null", "", "text", "{", '{"a":', "{a}"])
def test_a_message_that_is_no_object_stays_text(message):
    found = log(message=message)
    assert found.message == message
    assert found.attributes == {}


def test_an_object_as_message_counts_like_its_json():
    found = log(message={"type": "x"})
    assert found.message == '{"type":"x"}'
    assert found.attributes == {"type": "x"}


def test_json_parsing_can_be_switched_off():
    found = take_entry({"message": EVENT}, received_at=NOW, parse_json_message=False).log
    assert found.attributes == {}
    assert found.message == EVENT


@pytest.mark.parametrize("key", ["message", "msg", "log"])
def test_an_inner_message_is_shown_instead_of_the_json(key):
    assert log(message=json.dumps({key: "inner", "a": 1})).message == "inner"


def test_on_a_clash_the_entry_wins():
    inner = {"host": "in", "service": "in", "status": "warn", "a": "in", "ddtags": "x:1"}
    found = log(message=json.dumps(inner), hostname="out", service="out", status="error", a="out")
    assert (found.host, found.service, found.status) == ("out", "out", "error")
    assert found.attributes == {"a": "out"}
    assert found.tags == ("x:1",)


def test_behind_an_agent_the_message_wins():
    inner = {"host": "in", "service": "in", "status": "warn", "a": "in"}
    outer = {"hostname": "out", "service": "out", "status": "error", "a": "out", "ddtags": "t:1"}
    entry = {**outer, "message": json.dumps(inner)}
    found = take_entry(entry, received_at=NOW, agent_json=True).log
    assert (found.host, found.service, found.status) == ("in", "in", "warn")
    assert found.attributes == {"a": "in"}
    assert found.tags == ("t:1",)


@pytest.mark.parametrize(
    ("inner", "field", "value"),
    [
        ({"severity": "CRITICAL"}, "status", "critical"),
        ({"level": 3}, "status", "error"),
        ({"syslog": {"severity": 4}}, "status", "warn"),
        ({"syslog.severity": "5"}, "status", "notice"),
        ({}, "status", "info"),
        ({"hostname": "h"}, "host", "h"),
        ({"syslog": {"hostname": "h", "appname": "a"}}, "service", "a"),
        ({"dd": {"trace_id": "t"}}, "trace_id", "t"),
        ({"contextMap": {"dd": {"trace_id": "t"}}}, "trace_id", "t"),
        ({"host": {"name": "h"}}, "host", ""),
    ],
)
def test_documented_attributes_fill_the_logs_own_fields(inner, field, value):
    assert getattr(log(message=json.dumps(inner)), field) == value


def test_a_reserved_name_that_holds_an_object_stays_an_attribute():
    assert log(message='{"host":{"name":"h"}}').attributes == {"host": {"name": "h"}}


@pytest.mark.parametrize(
    ("inner", "date"),
    [
        ({"timestamp": NOW - HOUR}, NOW - HOUR),
        ({"timestamp": str(NOW - HOUR)}, NOW - HOUR),
        ({"@timestamp": "2026-09-21T13:00:00Z", "timestamp": NOW - 5}, NOW - 4_400_000),
        ({"date": "2026-09-21T15:00:00.5+02:00"}, NOW - 4_400_000 + 500),
        ({"eventTime": "Sep 21 13:00:00"}, NOW - 4_400_000),
        ({"syslog": {"timestamp": "2026-09-21T13:00:00"}}, NOW - 4_400_000),
        ({"timestamp": "soon", "date": NOW - 1}, NOW - 1),
        ({"createdAt": "2020-01-01T00:00:00Z"}, NOW),
        ({"timestamp": None}, NOW),
        ({"timestamp": True}, NOW),
    ],
)
def test_the_date_is_the_first_documented_attribute_that_is_one(inner, date):
    assert log(message=json.dumps(inner)).timestamp == date


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (0, True),
        (18 * HOUR, True),
        (18 * HOUR + 1, False),
        (-2 * HOUR, True),
        (-2 * HOUR - 1, False),
    ],
)
def test_a_date_outside_the_window_means_the_log_is_dropped(age, kept):
    taken = take_entry({"message": "m", "timestamp": NOW - age}, received_at=NOW)
    assert taken.kept is kept
    assert taken.log.timestamp == NOW - age
    assert bool(taken.notes) is not kept


def test_tags_of_entry_and_request_are_normalised_and_joined():
    entry = {"message": "m", "ddtags": "Env:Prod,team:a b"}
    assert take_entry(entry, received_at=NOW, query_tags="x:1,env:prod").log.tags == (
        "env:prod", "team:a_b", "x:1",
    )  # fmt: skip


def test_a_hundred_tags_are_kept_and_the_cut_is_said():
    taken = take_entry(
        {"message": "m", "ddtags": ",".join(f"t:{i}" for i in range(130))}, received_at=NOW
    )
    assert len(taken.log.tags) == 100
    assert taken.notes == ("130 tags cut to 100",)


def test_a_message_over_a_megabyte_is_cut_at_a_character():
    taken = take_entry({"message": "é" * 600_000}, received_at=NOW)
    assert taken.log.message == "é" * 500_000
    assert taken.notes == ("message cut from 1,200,000 to 1,000,000 bytes",)


def test_a_message_of_a_megabyte_is_not_cut():
    message = "x" * 1_000_000
    assert take_entry({"message": message}, received_at=NOW).log.message == message


def test_json_nested_deeper_than_any_decoder_stays_text():
    message = '{"a":' * 100_000
    assert log(message=message).message == message
    message = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert log(message=message).attributes == {}


def test_half_a_surrogate_pair_does_not_hide_the_attributes():
    assert log(message='{"a":"\\ud800","type":"x"}').attributes["type"] == "x"
    assert log(message='{"a":"\ud800"}').attributes == {"a": "\ud800"}


def test_an_entry_without_a_message_is_a_log_all_the_same():
    assert log(service="s") == Log(service="s", timestamp=NOW)
    assert log() == Log(timestamp=NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["message", "host", "ddtags", "status", "timestamp", "date", "syslog", "dd", "service", "x"]
)


@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON).map(json.dumps)), st.booleans())
def test_whatever_is_sent_becomes_a_log(entry, agent_json):
    before = json.dumps(entry)
    taken = take_entry(entry, received_at=NOW, agent_json=agent_json)
    assert json.dumps(entry) == before
    for text in (taken.log.message, taken.log.host, taken.log.service, taken.log.status):
        assert isinstance(text, str)
    assert all(tag == tag.strip() != "" for tag in taken.log.tags)


def test_an_object_in_a_json_message_becomes_attributes_beside_the_others():
    inner = {"a": 1, "message": {"a": 2, "b": 3, "message": "hello"}}
    made = log(message=json.dumps(inner))
    assert (made.attributes, made.message) == ({"a": 1, "b": 3}, "hello")
