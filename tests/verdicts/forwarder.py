"""A forwarder that loses nothing, as short as it can be; and with a planted bug, exactly what it says.

It knows what it heard and what its bug dropped: the truth that the ledger's verdicts are held against.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from typing import TYPE_CHECKING

from tests.verdicts.paths import Path, Received


if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.verdicts.bugs import Bug

BATCH = 100
PAUSE = 0.002
LATER = 0.1
"""Seconds after which what was refused alone is tried again."""
LISTEN = 0.05
"""Seconds for which a path is listened to at a time."""
SILENCE = 5
"""Times listened without a byte, after which a path is opened anew.

Times, not seconds: where the loop is held up, bytes may wait that the path has had no turn to read.
"""
PATIENCE = 0.2
"""Seconds for an answer."""
REFUSED = (400, 413)


class Forwarder:
    """Reads *paths* of a simulator and posts what it hears.

    Args:
        port: The simulator's, on this machine.
        keys: Grantex's, and Datadog's.
        bug: What it does wrong.
        paths: Of ``sse`` and ``websocket``, those that it reads.
    """

    def __init__(self, port: int, keys: tuple[str, str], bug: Bug, paths: Sequence[str]) -> None:
        self._port, self._keys, self._bug, self._paths = port, keys, bug, paths
        self.heard: set[str] = set()
        self.dropped: set[str] = set()
        """What the bug has cost, unless the intake has it all the same."""
        self.pending: dict[str, str] = {}
        self.connects = 0
        self.memory: Counter[object] = Counter()
        self.posted = 0
        self._aside: dict[str, str] = {}
        self._some = asyncio.Event()

    @property
    def progress(self) -> tuple[int, int, int]:
        """Numbers that stand still when there is nothing left to do."""
        return len(self.heard), len(self.pending) + len(self._aside), len(self.dropped)

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for path in self._paths:
                group.create_task(self._read(path))
            group.create_task(self._post_all())

    def drop(self, ids: Sequence[str]) -> None:
        """Lose them."""
        for event_id in ids:
            self.pending.pop(event_id, None)
            self.dropped.add(event_id)

    def _take(self, event: Received) -> None:
        if event.id in self.heard:
            return
        self.heard.add(event.id)
        if self._bug.takes(self, event):
            self.pending[event.id] = event.text
            self._some.set()
        else:
            self.dropped.add(event.id)

    async def _read(self, name: str) -> None:
        while True:
            path = Path(name, self._keys[0], self._take)
            await _connect(path, self._port)
            self.connects += 1
            try:
                await _listen(path)
            finally:
                path.close()
            if path.opened:
                self._bug.on_cut(self)
            await asyncio.sleep(PAUSE)

    async def _post_all(self) -> None:
        while True:
            self._some.clear()
            while self.pending:
                await self._post([*self.pending][:BATCH])
            try:
                async with asyncio.timeout(LATER):
                    await self._some.wait()
            except TimeoutError:
                self._try_again()

    def _try_again(self) -> None:
        """What was refused alone, once all else is out."""
        self.pending |= self._aside
        self._aside = {}

    async def _post(self, batch: list[str]) -> None:
        sent = [*self._bug.sends(self, batch)]
        self.drop([each for each in batch if each not in sent])
        for tries in range(1, 1_000_000):
            sent = [each for each in sent if each in self.pending]
            if not sent:
                return
            status = await self._answer(sent)
            if status is not None and 200 <= status < 300:
                break
            if status in REFUSED and self._bug.splits:
                await self._halve(sent)
                return
            what = self._bug.after(self, status, tries)
            if what == "retry":
                await asyncio.sleep(PAUSE)
            else:
                self.drop(sent)
                return
        for event_id in sent:
            self.pending.pop(event_id, None)

    async def _halve(self, batch: list[str]) -> None:
        if len(batch) == 1:
            if (text := self.pending.pop(batch[0], None)) is not None:
                self._aside[batch[0]] = text
            return
        await self._post(batch[: len(batch) // 2])
        await self._post(batch[len(batch) // 2 :])

    async def _answer(self, batch: list[str]) -> int | None:
        """The status; None if none came."""
        self.posted += 1
        entries = [{"ddsource": "grantex", "message": self.pending[each]} for each in batch]
        body = json.dumps(entries, ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._exchange(body)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            return None

    async def _exchange(self, body: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(
                f"POST /api/v2/logs HTTP/1.1\r\nHost: intake\r\nDD-API-KEY: {self._keys[1]}\r\n"
                "Content-Type: application/json\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            return int(head.split(b" ", 2)[1])
        finally:
            writer.transport.abort()


async def _listen(path: Path) -> None:
    """Until *path* has ended, or been silent for too long."""
    silent, reads = 0, path.reads
    while not path.ended.is_set() and silent < SILENCE:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTEN):
                await path.ended.wait()
        silent = silent + 1 if path.reads == reads else 0
        reads = path.reads


async def _connect(path: Path, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: path, "127.0.0.1", port)
