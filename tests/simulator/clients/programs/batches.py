"""What the Python clients have in common: the stream is read beside the sending, and what is there goes out."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable, Iterator


STREAM = "https://api.grantex.dev/v1/events/stream"
INTAKE = f"https://http-intake.logs.{os.environ.get('DD_SITE')}/api/v2/logs"
GRANTEX = {"Authorization": f"Bearer {os.environ.get('GRANTEX_API_KEY')}"}
DATADOG = {"DD-API-KEY": str(os.environ.get("DD_API_KEY")), "Content-Type": "application/json"}
MOST = 500


class Events:
    """Cuts what is read into entries."""

    def __init__(self) -> None:
        self.rest = b""

    def of(self, data: bytes) -> list[dict[str, str]]:
        *parts, self.rest = (self.rest + data).split(b"\n\n")
        events = (part[6:].decode() for part in parts if part.startswith(b"data: "))
        return [{"ddsource": "grantex", "service": "grantex", "message": each} for each in events]


def batches(blocks: Iterable[bytes]) -> Iterator[list[dict[str, str]]]:
    """Whatever of the stream has come since the last batch, up to the most that go together."""
    arrived: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
    events = Events()

    def read() -> None:
        for block in blocks:
            for each in events.of(block):
                arrived.put(each)

    threading.Thread(target=read, daemon=True).start()
    while True:
        batch = [arrived.get()]
        while len(batch) < MOST and not arrived.empty():
            batch.append(arrived.get())
        yield batch
