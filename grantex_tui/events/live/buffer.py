"""Bytes between the socket and the decoder, so that reads gather while the reader sleeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 4 * 1024 * 1024
"""Unprocessed bytes at which reading pauses, so that TCP slows the sender instead of our memory."""


class Buffer:
    """One task fills it, another empties it every few milliseconds."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._ended = False
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()

    async def fill(self, chunks: AsyncIterator[bytes]) -> None:
        """Take *chunks* to their end, or to their error, which is raised again."""
        try:
            async for chunk in chunks:
                self._chunks.append(chunk)
                self._size += len(chunk)
                self._filled.set()
                if self._size >= LIMIT:
                    self._emptied.clear()
                    await self._emptied.wait()
        finally:
            self._ended = True
            self._filled.set()

    async def wait(self) -> bool:
        """Until there are bytes (True) or there will be none any more (False)."""
        await self._filled.wait()
        return bool(self._chunks) or not self._ended

    def take(self) -> bytes:
        """What has gathered."""
        data = b"".join(self._chunks)
        self._chunks, self._size = [], 0
        self._emptied.set()
        if not self._ended:
            self._filled.clear()
        return data
