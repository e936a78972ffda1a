"""Counting in blocks finds what trying the search on log after log finds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.datadog.search import compile_query
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.presence import Presence
from grantex_tui.monitoring.finding.matching import arrived, matching_logs
from grantex_tui.monitoring.finding.needle import needle_of


START = 1_780_000_000.0
PIPELINES = bundled_pipelines()
SEARCHES = [
    "", "shop", "service:shop", "env:prod @http.code:500", "-@a:needle", "@a:needle",
    "@a:needle OR @a:other", "@grantex.event_type:grant.revoked", "@a:need*", "@a:200",
    "timestamp:>0", "@type:grant.revoked -env:prod", '@a:"two words"', "@grantex.severity:warning",
]  # fmt: skip

texts = st.sampled_from(["needle", "other", "two words", "200", "", "é"])
values = texts | st.sampled_from([200, 200.0, True, None]) | st.lists(texts, max_size=2)


@st.composite
def lines(draw):
    date = rfc3339(START + draw(st.integers(0, 5000)))
    kind = draw(st.sampled_from(["held", "held", "held", "escaped", "bare", "journal", "broken"]))
    event = {
        "id": "evt_1", "type": draw(st.sampled_from(["grant.revoked", "token.issued"])),
        "createdAt": date, "data": {"a": draw(values)},
    }  # fmt: skip
    held = {
        "_id": "A", "date": date, "service": draw(st.sampled_from(["shop", "grantex"])),
        "source": "grantex", "status": "info", "host": "h",
        "tags": draw(st.sampled_from([[], ["env:prod"], ["Env:Prod"]])), "message": "m",
        "attributes": {"a": draw(values), "http": {"code": draw(st.sampled_from([500, "500"]))}},
    }  # fmt: skip
    line = json.dumps(held, separators=(",", ":"))
    if kind == "escaped":
        line = line.replace("needle", "\\u006eeedle")
    if kind == "broken":
        line = line[:-4]
    if kind in ("bare", "journal"):
        line = json.dumps(event, separators=(",", ":"))
    return f'{{"receivedAt":"{date}","event":{line}}}' if kind == "journal" else line


def counted(path, search, pipelines=PIPELINES, **options):
    logs = EventLogs(pipelines, **options)
    presence, recording = Presence([search], logs), Recording(path)
    found = matching_logs([recording], search, logs, pipelines, presence)
    return found, presence.unmatched(), recording


def tried(path, search):
    """Log by log."""
    logs, matches = EventLogs(PIPELINES), compile_query(search)
    presence = Presence([search], logs)
    found = 0
    for event, at in arrived(Recording(path)):
        presence.see_events([event])
        found += matches(logs.log(event, at))
    return found, presence.unmatched()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("found") / "archive.json"


@settings(max_examples=60, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=20), st.sampled_from(SEARCHES))
def test_in_blocks_or_log_by_log(path, some, search):
    whole = json.dumps({"_id": "B", "date": rfc3339(START), "message": "", "attributes": {}})
    path.write_text("\n".join([whole, *some]), encoding="utf-8")
    assert counted(path, search)[:2] == tried(path, search)


def log(number: int, **attributes: object) -> str:
    return json.dumps(
        {"_id": "B", "date": rfc3339(START + number), "message": "m" * 300, "service": "shop",
         "tags": ["env:prod"], "attributes": attributes}
    )  # fmt: skip


def test_blocks_without_a_needle_are_passed_over_and_the_count_is_the_same(path):
    path.write_text("\n".join(log(n, a="needle" if n % 500 == 7 else "") for n in range(3000)))
    found, unmatched, recording = counted(path, "@a:needle")
    assert (found, unmatched) == (6, [])
    assert recording.passed_over > 1


def test_a_condition_that_only_blocks_passed_over_fulfil_is_none_that_no_log_has(path):
    some = [log(n, a="needle") for n in range(3)]
    some += [log(n, a="other").replace('"shop"', '"late"') for n in range(3000)]
    path.write_text("\n".join(some))
    assert counted(path, "@a:needle service:late")[:2] == (0, [])
    assert counted(path, "@a:needle service:never")[1] != []


@pytest.mark.parametrize(
    ("search", "needle"),
    [
        ("@a:needle", b"needle"),
        ("service:shop @a:needle -@b:longer.than", b"needle"),
        ('@a:"x/longest" @b:short', b"longest"),
        ("@a:200", None),
        ("@a:need*", None),
        ("@a:needle OR @b:x", None),
        ("env:production", None),
        ("needle", None),
        ("@grantex.event_type:grant.revoked", b"grant.revoked"),
        ("@a:ab", None),
    ],
)
def test_the_needle_is_a_text_that_stands_in_every_line_that_matches(search, needle):
    assert needle_of(search, PIPELINES) == needle


def test_what_a_pipeline_makes_is_no_needle():
    maker = {"type": "string-builder-processor", "is_enabled": True, "template": "made",
             "target": "made"}  # fmt: skip
    pipeline = {"name": "p", "is_enabled": True, "filter": {"query": "*"}, "processors": [maker]}
    assert needle_of("@made:made", parse_pipelines([pipeline])) is None
