"""One request to each route, as clients send it, and what can be wrong with it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_sim.service.control import ROUTES as CONTROL
from grantex_sim.service.session import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY


if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

PAYLOADS = json.loads(
    (Path(__file__).parents[1] / "datadog_api/data/verified-payloads.json").read_text()
)
QUERY = "filter[query]=@a:1&filter[from]=now-1h&sort=timestamp&page[limit]=2&page[cursor]=x"
ENTRIES = [{"message": '{"id":"evt_1","type":"t","n":1}', "ddsource": "a", "n": 7}]
BODIES: dict[str, object] = {
    "POST /api/v2/logs": ENTRIES,
    "POST /v1/input": ENTRIES[0],
    "POST /api/v2/logs/events/search": PAYLOADS["list_request"],
    "POST /api/v2/logs/analytics/aggregate": PAYLOADS["aggregate_request"],
    "POST /api/v1/logs-queries/list": {"query": "*", "time": {"from": 1, "to": 2}, "limit": 3},
    "POST /api/v1/monitor": PAYLOADS["monitor_budget_by_agent"],
    "POST /api/v1/monitor/validate": PAYLOADS["monitor_anomaly"],
    "PUT /api/v1/monitor/51000001": PAYLOADS["monitor_two_queries"],
    "POST /api/v1/monitor/51000001/mute": {"scope": "*", "end": 1_772_452_800},
    "POST /api/v1/logs/config/pipelines": PAYLOADS["pipeline"],
    "PUT /api/v1/logs/config/pipeline-order": {"pipeline_ids": []},
    "POST /api/v2/logs/config/metrics": PAYLOADS["logs_metric_for_anomaly"],
    "PATCH /api/v2/logs/config/metrics/grantex.events": PAYLOADS["logs_metric_for_anomaly"],
    "POST /api/v1/dashboard": PAYLOADS["dashboard"],
    "POST /api/v1/dashboard/public": {"dashboard_id": "a", "dashboard_type": "custom_timeboard"},
    "DELETE /api/v1/dashboard": {"data": [{"id": "a", "type": "dashboard"}]},
    "POST /fakeintake/configure/override": {"endpoint": "/x", "status_code": 200, "body": "Yg=="},
    "POST /_sim/emit": {"type": "grant.revoked", "data": {"grantId": "grnt_1"}},
    "POST /_sim/faults": [{"on": "intake", "first": 2, "do": {"status": 503}}],
    "POST /_sim/clock": {"virtual": True, "start": "2026-01-05T09:00:00Z", "advance": "90s"},
    "POST /_sim/scenario": {"name": "revocation-storm", "seed": 3, "duration": 60},
}
OTHERS = (
    f"GET /api/v2/logs/events?{QUERY}",
    "GET /api/v1/monitor?group_states=all&page=0&page_size=2&name=a&id_offset=1",
    "GET /api/v1/monitor/search?query=status:alert%20a&page=0&per_page=2&sort=name,asc",
    "GET /api/v1/monitor/groups/search?query=status:alert",
    "GET /api/v1/monitor/can_delete?monitor_ids=51000001",
    "GET /api/v1/dashboard?count=2&start=0&filter[deleted]=true",
    "GET /api/v1/logs/config/pipelines",
    "GET /fakeintake/payloads?endpoint=/api/v2/logs&format=json",
    "GET /fakeintake/routestats",
    "GET /v1/events/stream?types=grant.revoked",
    "GET /v1/events/ws?types=grant.revoked",
    "GET /?q=type:t",
    "GET /_sim/page?q=a&known=1",
    "GET /_sim/requests/1",
    "GET /s/one/_sim/ledger?full=1",
    "POST /s/one/_sim/reset",
)
_HEADERS = (
    "Host: 127.0.0.1",
    f"DD-API-KEY: {DATADOG_KEY}",
    f"DD-APPLICATION-KEY: {DATADOG_APP_KEY}",
    f"Authorization: Bearer {GRANTEX_KEY}",
)
_MOST_WAIT = re.compile(r"&timeout=S.*|=N|=S")


def _control() -> list[str]:
    """The control routes that there are, with a number where one is wanted."""
    listed = [route for route in CONTROL if "NAME" not in route]
    return [_MOST_WAIT.sub("=0", route).replace("/N", "/1") for route in listed]


def all_requests() -> list[bytes]:
    """Each route once or more, whole and good."""
    bodies = {route: json.dumps(body).encode() for route, body in BODIES.items()}
    bare = dict.fromkeys((*OTHERS, *_control()), b"")
    made = [request(route, body) for route, body in {**bare, **bodies}.items()]
    packed = gzip.compress(bodies["POST /api/v2/logs"])
    made.append(request("POST /api/v2/logs", packed, "Content-Encoding: gzip"))
    made.append(request("POST /_sim/faults", b"intake every=3 status=429 retry-after=1"))
    made.append(request("POST /_sim/faults", b"- on: stream\n  first: 1\n  do: {bom: true}\n"))
    return made


def request(route: str, body: bytes, *more: str) -> bytes:
    """The bytes of a request."""
    method, _, target = route.partition(" ")
    kind = "text/plain" if body[:1] in (b"i", b"-") else "application/json"
    sent = (*_HEADERS, f"Content-Type: {kind}", *more, f"Content-Length: {len(body)}")
    if target.startswith("/v1/events/ws"):
        sent = (*sent, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip
    return "\r\n".join((f"{method} {target} HTTP/1.1", *sent, "", "")).encode() + body


POISON: Sequence[bytes] = (
    b"1" * 4_301, b"1" + b"0" * 400, b"-" + b"9" * 309, b"1e400", b"1e308", b"NaN", b"-0", b"null",
    b"[]", b"{}", b'""', b"true", b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'"\xed\xa0\x80"',
    b"[" * 3_000, b'{"a":' * 3_000, b'"' + b"x" * 70_000 + b'"', b'"now-999999999999M"', b'"*"',
    b'"logs(\\"*\\").index(\\"*\\").rollup(\\"count\\").last(\\"5m\\") > 1e999"', b"\x00", b"%00",
    b"%ff", b"%ud800", b"../..", b"//", b"?", b"#", b"\r\n", b"\n\n", b"\xc3\xa9", b"\xf0\x9f\x98\x80",
)  # fmt: skip
LINES: Sequence[bytes] = (
    b"Host: a", b"Host: 127.0.0.1", b"Host: \x00", b"Content-Length: 3", b"Content-Length: -1",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: x", b"Expect: 100-continue", b"Expect: x",
    b"Connection: close", b"Connection: upgrade", b"Content-Encoding: gzip",
    b"Content-Encoding: zstd", b"Content-Encoding: deflate", b"Content-Type: text/plain",
    b"Content-Type: application/logplex-1", b"Origin: null", b"Sec-Fetch-Site: cross-site",
    b"Upgrade: websocket", b"Accept: text/html", b"X: " + b"y" * 70_000, b": x", b"x", b" folded",
    b"DD-PROTOCOL: agent-json", b"X-Forwarded-Prefix: /s/\xff", b"DD-API-KEY: \xff",
)  # fmt: skip
METHODS: Sequence[bytes] = (
    b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"X\x00",
)  # fmt: skip
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null')


def mutated(sent: bytes, dice: Random) -> bytes:
    """*sent* with one to three things wrong with it."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        sent = dice.choice(_WAYS)(sent, dice)
    return sent


def _in_body(sent: bytes, dice: Random) -> bytes:
    """Another value in the JSON, with a length that fits."""
    head, _, body = sent.partition(b"\r\n\r\n")
    places = [*_VALUE.finditer(body)]
    if places:
        place = dice.choice(places)
        body = body[: place.start()] + dice.choice(POISON) + body[place.end() :]
    else:
        body = dice.choice(POISON)
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return head + b"\r\n\r\n" + body


def _in_target(sent: bytes, dice: Random) -> bytes:
    line, _, rest = sent.partition(b"\r\n")
    places = [match.start() for match in re.finditer(rb"[/?&=,]", line)] or [0]
    place = dice.choice(places) + 1
    old = re.match(rb"[^/?&=, ]*", line[place:])
    end = place + (len(old[0]) if old and dice.random() < 0.5 else 0)
    return line[:place] + dice.choice(POISON) + line[end:] + b"\r\n" + rest


def _method(sent: bytes, dice: Random) -> bytes:
    return dice.choice(METHODS) + b" " + sent.partition(b" ")[2]


def _header(sent: bytes, dice: Random) -> bytes:
    line, _, rest = sent.partition(b"\r\n")
    return line + b"\r\n" + dice.choice(LINES) + b"\r\n" + rest


def _without_header(sent: bytes, dice: Random) -> bytes:
    head, end, body = sent.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if len(lines) > 1:
        del lines[dice.randrange(1, len(lines))]
    return b"\r\n".join(lines) + end + body


def _bytes(sent: bytes, dice: Random) -> bytes:
    place = dice.randrange(len(sent) + 1)
    cut = place + dice.choice((0, 0, 1, 1, 5))
    return sent[:place] + dice.randbytes(dice.choice((0, 1, 1, 4))) + sent[cut:]


def _truncated(sent: bytes, dice: Random) -> bytes:
    return sent[: dice.randrange(1, len(sent) + 1)] if sent else sent


_WAYS = (
    _in_body, _in_body, _in_body, _in_target, _in_target, _method, _header, _header, _without_header,
    _bytes, _bytes, _truncated,
)  # fmt: skip
