"""Logs that Datadog has held keep their tags, service, host, status and attributes."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.errors import RecordingError
from grantex_tui.events.logged import Logged
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording


AT = 1_767_603_600.25
DATE = "2026-01-05T09:00:00.250Z"
EVENT = {"id": "evt_1", "type": "grant.revoked", "createdAt": DATE, "data": {"grantId": "grnt_1"}}
NGINX = {
    "_id": "AQ1",
    "date": DATE,
    "host": "web-1",
    "service": "shop",
    "source": "nginx",
    "status": "error",
    "tags": ["env:prod", "source:nginx"],
    "message": "GET / 500",
    "attributes": {"http": {"status_code": 500}},
}


def logs_of(data: bytes) -> list[Logged]:
    recording = Recording(io.BufferedReader(io.BytesIO(data)))
    items = [item for item in recording if isinstance(item, Arrival)]
    assert recording.problems == []
    events = [item.event for item in items if isinstance(item.event, Logged)]
    assert len(events) == len(items)
    assert [item.received_at for item in items] == [AT] * len(items)
    return events


def dumped(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


EXPECTED = Log(
    message="GET / 500",
    attributes={"http": {"status_code": 500}},
    tags=("env:prod", "source:nginx"),
    timestamp=1_767_603_600_250,
    status="error",
    host="web-1",
    service="shop",
    source="nginx",
)


def test_an_archived_log_of_any_source_is_that_log():
    (event,) = logs_of(dumped(NGINX))
    assert event.log == EXPECTED
    assert (event.id, event.type, event.is_processed) == ("AQ1", "", True)


def result(log: dict) -> dict:
    inner = {name: log[name] for name in log if name not in ("_id", "date", "source")}
    return {"id": log["_id"], "type": "log", "attributes": {**inner, "timestamp": log["date"]}}


@pytest.mark.parametrize("indent", [None, 2], ids=["one line", "indented"])
def test_a_page_of_the_search_is_its_logs(indent):
    page = {"data": [result(NGINX), result(NGINX)], "meta": {"status": "done"}}
    first, second = logs_of(json.dumps(page, indent=indent).encode())
    assert first.log == second.log == EXPECTED


def test_results_one_a_line_are_logs():
    assert [event.log for event in logs_of(dumped(result(NGINX)))] == [EXPECTED]


def test_a_list_of_archived_logs_is_read():
    assert [event.log for event in logs_of(json.dumps([NGINX, NGINX]).encode())] == [EXPECTED] * 2


def csv_of(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_export_keeps_its_columns_as_fields_attributes_and_tags(delimiter):
    row = {
        "Date": DATE, "Host": "web-1", "Service": "shop", "Source": "nginx", "Status": "error",
        "env": "prod", "@http.status_code": "500", "Message": "GET / 500,\nagain",
    }  # fmt: skip
    (event,) = logs_of(csv_of(row, delimiter=delimiter))
    assert event.log is not None
    assert event.log.attributes == {"http": {"status_code": 500}}
    assert event.log.tags == ("env:prod",)
    assert (event.log.host, event.log.status, event.log.source) == ("web-1", "error", "nginx")
    assert event.log.message == "GET / 500,\nagain"


def test_a_csv_export_without_attributes_has_those_of_its_message():
    (event,) = logs_of(csv_of({"Date": DATE, "Service": "authz", "Message": json.dumps(EVENT)}))
    assert event.log is not None
    assert event.log.attributes["data"] == {"grantId": "grnt_1"}
    assert (event.type, event.log.service, event.is_processed) == ("grant.revoked", "authz", False)


def test_an_archived_event_is_both_event_and_log():
    archived = {**NGINX, "service": "authz", "message": json.dumps(EVENT), "attributes": EVENT}
    (event,) = logs_of(gzip.compress(dumped(archived)))
    assert (event.id, event.type, event.grant_id) == ("evt_1", "grant.revoked", "grnt_1")
    assert event.log is not None
    assert (event.log.service, event.log.tags) == ("authz", ("env:prod", "source:nginx"))


@pytest.mark.parametrize("date", ["yesterday", {}, True, "2026-02-30T00:00:00Z"])
def test_a_log_without_an_instant_is_a_bad_line(date):
    recording = Recording(io.BytesIO(dumped({**NGINX, "date": date}, NGINX)))
    assert len(list(recording)) == 1
    assert "is no instant" in recording.problems[0]


def test_a_page_that_is_cut_off_is_said():
    data = json.dumps({"data": [result(NGINX)]}).encode()[:-5]
    with pytest.raises(RecordingError, match="begins as a page of logs, and is no JSON"):
        list(Recording(io.BufferedReader(io.BytesIO(data))))


def test_an_empty_page_holds_nothing():
    with pytest.raises(RecordingError, match="nothing in it is an event"):
        list(Recording(io.BufferedReader(io.BytesIO(b'{"data": []}'))))
