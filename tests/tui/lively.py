"""A source without a network: seeded events of all kinds, for tests and for looking at.

Run as a script it opens the dashboard: ``python tests/tui/lively.py --rate 50``.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

from grantex_tui.clock import rfc3339
from grantex_tui.delivery.status import DeliveryState, DeliveryView, RequestRecord
from grantex_tui.events.event import decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.watch.frame import Frame, GroupView, MonitorView
from grantex_tui.watch.tally import Tally


RECORDING = Path(__file__).parents[2] / "fixtures" / "grantex-events.ndjson"
CREATED = re.compile(rb'(?<="createdAt":")[^"]+')
MONITORS = (
    MonitorView(
        "Grant revocation rate", "Alert", 0.0, 57.0, 50.0, 10.0, ">",
        history=(3, 4, 6, 5, 9, 14, 22, 31, 48, 57), triggered=2,
    ),
    MonitorView(
        "Budget exhaustion by agent", "Warn", 0.0, 6.0, 10.0, 5.0, ">=",
        groups=(
            GroupView("agent:ag_01M85QNS8CZ82R4ZMBNQ153SKM", "Warn", 6.0, 0.0),
            GroupView("agent:ag_01M85QNS95HWDGBYYKR01KQRD9", "OK", 1.0, 0.0),
        ),
        history=(0, 1, 0, 2, 3, 3, 4, 6),
    ),
    MonitorView("Heartbeat", "OK", 0.0, 812.0, 1.0, None, "<", history=(700, 690, 812)),
    MonitorView(
        "Anomalous token issuance", "No Data", 0.0, None, 1.0, None, ">=",
        note="approximate: learning 3/20 intervals",
    ),
)  # fmt: skip


class LivelySource:
    """Events of the recording, over and over, *rate* a second of the wall's clock."""

    def __init__(self, rate: float, seed: int = 7, ticks: str | None = None) -> None:
        self.bucket_width = 1
        self._ticks = ticks
        self._rate = rate
        self._random = random.Random(seed)
        self._lines = RECORDING.read_bytes().splitlines()
        self._started = time.time()
        self._tally = Tally(self._started)
        self._stopping = asyncio.Event()
        self._version = 0
        self._requests: tuple[RequestRecord, ...] = ()
        self._connection = ConnectionView(since=self._started)
        self._delivered = 0
        self.monitors = MONITORS
        self.warnings: tuple[str, ...] = ()
        self.gaps: tuple[Gap, ...] = ()

    def backfill(self, seconds: int) -> None:
        """As if it had run for *seconds* already, with ups and downs."""
        now = time.time()
        self._started = now - seconds
        self._tally = Tally(self._started)
        for second in range(seconds):
            wave = 1 + 0.6 * ((second % 37) / 37) + (1.5 if 20 < second % 60 < 27 else 0)
            self._emit(
                int(self._rate * wave * self._random.uniform(0.6, 1.2)), now - seconds + second
            )
        self._go_live(now - seconds)

    def _emit(self, number: int, now: float) -> None:
        lines = [self._random.choice(self._lines) for _ in range(number)]
        if lines:
            created = CREATED.sub(rfc3339(now - 0.12).encode(), b"\n".join(lines)).split(b"\n")
            self._tally.add([decode_event(line) for line in created], now)

    def _go_live(self, since: float) -> None:
        self._connection = ConnectionView(
            ConnectionState.LIVE, since, connects=1, last_byte_at=since
        )

    def frame(self) -> Frame:
        now = time.time()
        tally = self._tally.view(now, width=self.bucket_width)
        delivered = self._delivered = max(self._delivered, tally.received - tally.received % 100)
        if delivered and (not self._requests or now - self._requests[0].at > 2):
            status = 202 if self._random.random() < 0.85 else 429
            record = RequestRecord(
                now, status, "delivered" if status == 202 else "retry", 100,
                self._random.randint(9_000, 22_000), self._random.uniform(0.03, 0.4),
            )  # fmt: skip
            self._requests = (record, *self._requests[:4])
            self._version += 1
        pending = tally.received - delivered
        delivery = DeliveryView(
            version=self._version,
            state=DeliveryState.OK,
            since=self._started,
            target="http-intake.logs.datadoghq.com",
            delivered=delivered,
            pending=pending,
            requests=delivered // 100,
            retries=3,
            in_flight=1 if pending else 0,
            batch_fill=pending,
            batch_size=100,
            next_flush_at=int(now) + 4.0 if pending else None,
            last_flush_at=self._requests[0].at if self._requests else None,
            last_verdict="202" if self._requests else "",
            last_requests=self._requests,
        )
        return Frame(
            now=now,
            started_at=self._started,
            source="https://api.grantex.dev/v1/events/stream",
            connection=self._connection,
            tally=tally,
            delivery=delivery,
            gaps=self.gaps,
            monitors=tuple(replace(m, since=self._started) for m in self.monitors),
            monitors_version=1,
            warnings=self.warnings,
        )

    async def run(self) -> None:
        self._go_live(time.time())
        step = 0.05 if self._rate else 60.0
        due = 0.0
        while not self._stopping.is_set():
            due += self._rate * step * self._random.uniform(0.5, 1.5)
            self._emit(int(due), time.time())
            due -= int(due)
            self._tick()
            try:
                await asyncio.wait_for(self._stopping.wait(), step)
            except TimeoutError:
                continue

    def _tick(self) -> None:
        """Leave a trace of being alive, a byte a step."""
        if self._ticks is not None:
            with Path(self._ticks).open("ab") as file:
                file.write(b".")

    async def stop(self) -> None:
        self._stopping.set()

    def retry_delivery(self) -> None:
        """Nothing waits."""

    def abort(self) -> None:
        self._stopping.set()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--backfill", type=int, default=0)
    parser.add_argument("--svg", help="write a picture of the first frame there and leave")
    parser.add_argument("--size", default="160x48")
    parser.add_argument("--keys", default="", help="pressed before the picture, blanks between")
    parser.add_argument("--ticks", help="a file that grows while the source is alive")
    args = parser.parse_args()
    return asyncio.run(_main(args))


async def _main(args: argparse.Namespace) -> int:
    from grantex_tui.tui.app import Dashboard
    from grantex_tui.tui.run import show

    source = LivelySource(args.rate, ticks=args.ticks)
    if args.backfill:
        source.backfill(args.backfill)
    if not args.svg:
        return (await show(source)).exit_code
    width, height = map(int, args.size.split("x"))
    app = Dashboard(source)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause(0.6)
        for key in args.keys.split():
            await pilot.press(key)
        await pilot.pause(0.3)
        Path(args.svg).write_text(app.export_screenshot())
    return 0


if __name__ == "__main__":
    sys.exit(main())
