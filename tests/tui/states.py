"""The states that the dashboard must say at every size, as frames; run: the table in the docs.

``python tests/tui/states.py --write`` puts it into ``docs/dashboard.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grantex_tui.delivery.status import Buried, DeliveryState, DeliveryView, RequestRecord
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView
from grantex_tui.tui.drawing.banner import Banner
from grantex_tui.tui.drawing.glyphs import UNICODE
from grantex_tui.tui.drawing.palette import THEME, Look, Palette
from grantex_tui.tui.layout import Wish, arrange
from grantex_tui.tui.widgets.header import HEADER
from grantex_tui.tui.widgets.tiny import TINY
from grantex_tui.watch.frame import Frame, MonitorView, TallyView


NOW = 1_800_000_000.0
SIZES = ((300, 90), (160, 48), (120, 40), (100, 30), (80, 24), (60, 20), (40, 12), (30, 8))
DOCS = Path(__file__).parents[2] / "docs" / "dashboard.md"
BEGIN, END = "<!-- states: begin -->", "<!-- states: end -->"
LIVE = ConnectionView(ConnectionState.LIVE, NOW - 600, connects=1)
FINE = DeliveryView(
    version=1, state=DeliveryState.OK, since=NOW - 600, delivered=7600, pending=31, batch_size=100,
    last_flush_at=NOW - 2, last_verdict="delivered",
    last_requests=(RequestRecord(NOW - 2, 202, "delivered", 100, 9000, 0.05),),
)  # fmt: skip
CALM = Frame(
    NOW, NOW - 700, "https://api.grantex.dev/v1/events/stream", LIVE,
    TallyView(1, 7631, rate=12.0), FINE, monitors=(MonitorView("Heartbeat", "OK", NOW, 9, 1, None, "<"),),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A state: its number in the list, what it is, its frame, and a word that must be seen."""

    number: str
    what: str
    frame: Frame
    word: str


def delivering(state: DeliveryState, detail: str, status: int | None) -> Frame:
    record = RequestRecord(NOW - 1, status, "retry", 100, 9000, 1.0, detail)
    view = replace(FINE, state=state, detail=detail, since=NOW - 30, last_requests=(record,))
    return replace(CALM, delivery=view)


def connected(
    state: ConnectionState, detail: str, retry_at: float | None = NOW + 12
) -> ConnectionView:
    return ConnectionView(state, NOW - 70, detail, 3, retry_at, 1)


def cases() -> Iterator[Case]:
    waiting = connected(ConnectionState.WAITING, "connection refused")
    away = (
        PathView("SSE", waiting, NOW - 70),
        PathView("WebSocket", LIVE),
    )
    alerting = MonitorView("Grant revocation rate", "Alert", NOW - 90, 57.0, 50.0, 10.0, ">")
    learning = MonitorView(
        "Anomalous token issuance", "No Data", None, None, 1.0, None, ">=",
        note="approximate: learning 3/20 intervals",
    )  # fmt: skip
    yield Case(
        "B1", "intake down",
        delivering(DeliveryState.RETRYING, "connection refused", None), "intake down",
    )  # fmt: skip
    yield Case(
        "B2", "key refused (403)",
        delivering(DeliveryState.HELD, "the API key is refused: 403 Forbidden", 403), "key refused",
    )  # fmt: skip
    yield Case(
        "B3", "intake hangs",
        delivering(DeliveryState.UNANSWERED, "no answer to a request", 202), "intake hangs",
    )  # fmt: skip
    yield Case(
        "B4", "middlebox answers",
        delivering(DeliveryState.HELD, "200 OK, text/html: nothing was delivered", 200),
        "not Datadog's answer",
    )  # fmt: skip
    letters = (Buried("evt_1", "400 Bad Request: invalid log"),)
    yield Case(
        "B5", "dead letters",
        replace(CALM, delivery=replace(FINE, dead_lettered=2, dead_letters=letters)), "dead letter",
    )  # fmt: skip
    disk = "the journal can't be written: No space left on device; events go on from memory, 1.2 of 64 MB"
    yield Case("B6", "disk full, not stored", replace(CALM, troubles=(disk,)), "not stored")
    limit = "events are being lost: journal full, 412 so far"
    dropped = replace(FINE, dropped=(("journal full", 412),))
    yield Case(
        "B7", "journal limit reached", replace(CALM, troubles=(limit,), delivery=dropped),
        "journal full",
    )  # fmt: skip
    refused = connected(ConnectionState.REFUSED, "401 invalid API key", retry_at=None)
    yield Case(
        "B8", "Grantex refuses the key", replace(CALM, connection=refused), "Grantex refuses"
    )
    locked = connected(ConnectionState.LOCKED_OUT, "429 TOO_MANY_CONNECTIONS", retry_at=NOW + 252)
    gap = Gap(NOW - 70, None, "connection reset by peer")
    yield Case(
        "B9", "lock-out", replace(CALM, connection=locked, gaps=(gap,)), "locked out"
    )  # fmt: skip
    yield Case("B10", "one path away", replace(CALM, paths=away), "SSE away")
    yield Case(
        "B11", "both away: open gap", replace(CALM, connection=waiting, gaps=(gap,)), "open gap"
    )
    yield Case("B12", "a monitor alerts", replace(CALM, monitors=(alerting,)), "alert")
    yield Case(
        "B13", "a monitor can't be evaluated", replace(CALM, monitors=(learning,)), "not evaluated"
    )
    yield Case(
        "B14", "behind by more than a minute",
        replace(CALM, delivery=replace(FINE, pending=90_000, pending_since=NOW - 130)),
        "behind 2m",
    )  # fmt: skip


def shown(frame: Frame, size: tuple[int, int], look: Look) -> list[str]:
    """The rows that say how things stand, in a terminal of *size*."""
    regions = arrange(*size, Wish(warnings=True)).regions
    name, view = ("tiny", TINY) if "tiny" in regions else ("header", HEADER)
    region = regions[name]
    return [strip.text for strip in view.draw(Banner(frame), look, *region.size)][: region.height]


def colours() -> Look:
    return Look(Palette.of(THEME.to_color_system().generate(), dark=True), UNICODE)


def table() -> str:
    """The rows of the docs' table, made of what is drawn."""
    look = colours()
    head = " | ".join(f"{width}×{height}" for width, height in SIZES)
    lines = [f"| state | word | {head} |", "|---|---|" + "---|" * len(SIZES)]
    for case in cases():
        cells = []
        for size in SIZES:
            rows = shown(case.frame, size, look)
            found = [number for number, text in enumerate(rows, 1) if case.word in text]
            cells.append(f"row {found[0]}" if found else "**not said**")
        lines.append(f"| {case.number} {case.what} | `{case.word}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def written(text: str) -> str:
    """*text* of the docs with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCS.write_text(written(DOCS.read_text("utf-8")), "utf-8")
    else:
        print(table())
