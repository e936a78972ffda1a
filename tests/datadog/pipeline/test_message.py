"""The log's message: what reads it, what sets it, what goes into it."""

from __future__ import annotations

import pytest


MESSAGE = {"type": "message-remapper"}


def grok(rules, source="message"):
    return {"type": "grok-parser", "source": source, "grok": {"match_rules": rules}}


@pytest.mark.parametrize(
    ("kind", "field"), [("message-remapper", "message"), ("trace-id-remapper", "trace_id")]
)
def test_what_becomes_the_message_or_the_trace_id_is_no_attribute_any_more(run, kind, field):
    log = run({"a": {"b": "x"}, "c": "y"}, {"type": kind, "sources": ["no", "a.b", "c"]})
    assert (getattr(log, field), log.attributes) == ("x", {"c": "y"})


@pytest.mark.parametrize("kind", ["status-remapper", "service-remapper", "date-remapper"])
def test_what_becomes_another_field_stays_an_attribute(run, kind):
    before = {"a": "2026-11-24T03:00:00Z"}
    assert run(before, {"type": kind, "sources": ["a"]}).attributes == before


def test_what_has_no_text_becomes_no_message_and_stays(run):
    log = run({"a": {"b": 1}}, {**MESSAGE, "sources": ["a"]}, message="m")
    assert (log.message, log.attributes) == ("m", {"a": {"b": 1}})


def test_the_id_of_a_span_goes(run):
    log = run({"id": "1", "other": "2"}, {"type": "span-id-remapper", "sources": ["no", "id"]})
    assert log.attributes == {"other": "2"}


def test_what_grok_writes_to_message_is_read_by_the_steps_after_it(run):
    log = run({}, grok("a %{word:level} %{data:message}"), grok("b x=%{integer:x}"),
              message="INFO x=1")  # fmt: skip
    assert (log.message, log.attributes) == (
        "INFO x=1",
        {"level": "INFO", "message": "x=1", "x": 1},
    )


def test_a_message_remapper_makes_it_the_log_s_own(run):
    remapper = {**MESSAGE, "sources": ["message"]}
    log = run({}, grok("a %{word:level} %{data:message}"), remapper, message="INFO hello")
    assert (log.message, log.attributes) == ("hello", {"level": "INFO"})


def test_a_text_counts_as_the_first_source_message(run):
    remapper = {**MESSAGE, "sources": ["message", "a"]}
    log = run({"a": "x"}, remapper, message="hello")
    assert (log.message, log.attributes) == ("hello", {"a": "x"})


def test_the_json_that_the_attributes_came_from_does_not(run):
    remapper = {**MESSAGE, "sources": ["message", "a"]}
    assert run({"a": "x"}, remapper, message='{"a": "x"}').message == "x"


def test_grok_reads_a_text_without_the_blanks_around_it(run):
    log = run({}, grok("r %{word:a} %{data:b}"), message="  x y \n")
    assert log.attributes == {"a": "x", "b": "y"}


def test_a_lookup_finds_what_is_written_below_custom(attributes_after):
    lookup = {"type": "lookup-processor", "source": "custom.kind", "target": "t",
              "lookup_table": ["a,A"], "default_lookup": "none"}  # fmt: skip
    assert attributes_after({"kind": "a"}, lookup)["t"] == "A"
    assert attributes_after({"custom": {"kind": "b"}, "kind": "a"}, lookup)["t"] == "none"
    assert attributes_after({}, lookup) == {}
