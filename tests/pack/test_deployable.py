from __future__ import annotations

import json

import msgspec
import pytest

from grantex_tui.errors import InvalidFileError
from grantex_tui.pack import monitor_texts
from grantex_tui.pack.deployable import KINDS, notifying, pack_deployables, read_deployables


MONITOR = {
    "type": "log alert",
    "name": "Shop: busy",
    "query": 'logs("service:shop").index("*").rollup("count").last("5m") > 7',
    "message": "Look. @pagerduty",
}


def read(value):
    return read_deployables(json.dumps(value), path="mine.json")


def test_the_pack_has_each_kind_in_the_order_in_which_it_is_posted():
    found = pack_deployables()
    assert [*dict.fromkeys(each.kind for each in found)] == [*KINDS]
    assert [each.name for each in found if each.kind == "monitors"] == [
        n for n, _ in monitor_texts()
    ]
    (dashboard,) = (each.value for each in found if each.kind == "dashboard")
    widgets = msgspec.convert(dashboard["widgets"], list[dict[str, dict[str, object]]])
    assert [widget["definition"]["type"] for widget in widgets] == [
        "timeseries", "query_value", "query_value", "list_stream", "toplist",
    ]  # fmt: skip


def test_the_pack_as_a_file_is_the_pack():
    for each in pack_deployables():
        (again,) = read(each.value)
        assert (again.kind, again.value, again.corrected) == (each.kind, each.value, ())


def test_an_api_reply_is_sent_without_what_only_replies_have():
    reply = {"monitors": [MONITOR | {"id": 7, "created": "x", "overall_state": "OK"}]}
    (found,) = read(reply)
    assert (found.kind, found.name, found.value) == ("monitors", "shop-busy", MONITOR)


@pytest.mark.parametrize(
    ("source", "real"),
    [
        ("event.type", "type"),
        ("event.data.grantId", "data.grantId"),
        ("event.data", "data"),
        ("event.createdAt", "createdAt"),
        ("event.typed", None),
        ("event.name", None),
        ("my.event.type", None),
        ("event", None),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_the_guide_s_paths_are_corrected_and_said(source, real, inside):
    remapper = {"type": "attribute-remapper", "sources": ["a", source], "target": "grantex.x"}
    inner = {"type": "pipeline", "filter": {"query": "*"}, "processors": [remapper]}
    processors = [inner if inside else remapper]
    (found,) = read({"name": "p", "filter": {"query": "*"}, "processors": processors})
    (processor,) = found.value["processors"]
    processor = processor["processors"][0] if inside else processor
    assert processor["sources"] == ["a", real or source]
    assert len(found.corrected) == (real is not None)
    assert all(f"{source} is {real}" in said for said in found.corrected)


@pytest.mark.parametrize(
    "value",
    [5, {}, {"a": 1}, {"data": {"type": "x"}}, [MONITOR, 5], MONITOR | {"query": "x"},
     {"name": "p", "filter": {"query": "*"}, "processors": [{"type": "mapper"}]}],
)  # fmt: skip
def test_what_datadog_would_refuse_is_refused_with_its_place(value):
    with pytest.raises(InvalidFileError) as refused:
        read(value)
    assert str(refused.value).startswith("mine.json:1: ")
    assert refused.value.hint


def test_whom_a_monitor_notifies_is_added_once():
    (found,) = read(MONITOR)
    told = notifying(found, ["@slack-a", "@pagerduty"])
    assert told.value["message"] == "Look. @pagerduty\n@slack-a"
    assert notifying(told, ["@slack-a", "@pagerduty"]) == told
    (silent,) = read({key: each for key, each in MONITOR.items() if key != "message"})
    assert notifying(silent, ["@a"]).value["message"] == "@a"
    others = [each for each in pack_deployables() if each.kind != "monitors"]
    assert [notifying(each, ["@a"]) for each in others] == others
