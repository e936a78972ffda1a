"""The faults under which verdicts are tried: every kind, and which events it makes undeliverable."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Callable


class Case(NamedTuple):
    """A fault, of which events (by type and size) it lets none be delivered, and from when on."""

    fault: str
    refuses: Callable[[str, int], bool] = lambda _type, _size: False
    spares: int = 0
    """Requests that it lets through first: a forwarder that makes no more meets no refusal."""


def _everything(_type: str, _size: int) -> bool:
    return True


NO_FAULT = Case("stream nth=999999 reset")
INTAKE = (
    Case("intake first=2 status=503"),
    Case("intake p=0.3 status=429 retry-after=5ms"),
    Case("intake every=3 status=408 body=slow"),
    Case("intake status=503", _everything),
    Case("intake after=4 status=403", _everything, spares=4),
    Case("intake nth=1 status=400"),
    Case("intake status=400 type=token.*", lambda name, _: name.startswith("token.")),
    Case("intake nth=2 status=413 header=x-a:1"),
    Case("intake first=2 redirect=/elsewhere"),
    Case("intake redirect=/elsewhere", _everything),
    Case("intake p=0.3 delay=2ms"),
    Case("intake p=0.3 slow-read=5000000"),
    Case("intake p=0.3 reset"),
    Case("intake first=2 reset=before"),
    Case("intake nth=2 half-open"),
    Case("intake p=0.3 lost-202"),
    Case("intake nth=2 lost-202=hang"),
    Case("intake p=0.3 reset-after-bytes=9"),
    Case("intake nth=1 dribble=0.01ms"),
    Case("intake p=0.2 bad-chunk"),
    Case("intake wrong-mime"),
    Case("intake empty-body"),
    Case("intake nth=3 key-rotated", _everything, spares=2),
)
STREAM = (
    Case("stream nth=1 status=503 retry-after=1s"),
    Case("stream nth=1 status=429 body=no header=x-a:1"),
    Case("stream nth=1 redirect=http://elsewhere.example/"),
    Case("stream nth=1 drain"),
    Case("stream nth=1 wrong-mime"),
    Case("stream nth=1 delay=20ms"),
    Case("stream path=sse nth=1 lock-out"),
    Case("stream reset-after-events=700 leak-slot"),
    Case("stream nth=2 key-rotated=gx-new-key-0123456"),
    Case("stream reset-after-events=300"),
    Case("stream kill after-events=500"),
    Case("stream clean-end after-events=400"),
    Case("stream half-open after-events=900"),
    Case("stream bad-chunk after-events=250"),
    Case("stream truncate-event after-events=350"),
    Case("stream reset-after-bytes=90000"),
    Case("stream kill after-time=20ms times=3"),
    Case("stream dead-subscriber after-events=800"),
    Case("stream nth=1 freeze=60ms after-events=600"),
    Case("stream nth=1 dribble=0ms reset-after-bytes=2000"),
    Case("stream split=50"),
    Case("stream split=utf8"),
    Case("stream cr-only"),
    Case("stream crlf"),
    Case("stream bom"),
    Case("stream comments=2"),
    Case("stream fields"),
    Case("stream retry=1s"),
    Case("stream multi-line"),
    Case("stream every=7 skip"),
    Case("stream p=0.1 duplicate"),
    Case("stream every=5 reorder"),
    Case("stream every=150 invalid-utf8"),
    Case("stream every=50 malformed-json"),
    Case("stream every=300 type=* reset"),
    Case("stream every=100 huge-event=70kB"),
    Case("stream nth=40 huge-event=6MB", lambda _, size: size > 5_000_000),
    Case("stream every=3 id-inversion=1s"),
    Case("stream every=3 created-at-inversion=1s"),
    Case("sse every=400 type=* kill"),
    Case("websocket status=404"),
)
CASES = (NO_FAULT, *INTAKE, *STREAM)
