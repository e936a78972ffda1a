"""An intake's answer, read as far as it is of interest.

Whoever stands on the way may answer with anything: without end, in a coding that nobody asked for,
in one that unpacks to a thousand times its size. Only so much is read, and only so much unpacked.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import msgspec


if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY = 64 * 1024
PATIENCE = 10.0
"""Seconds for a body once its head is here: often enough the status alone says it all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True
    """Whether this is all of the body; else its beginning, or nothing that could be unpacked."""

    @property
    def kind(self) -> str:
        """The media type, without parameters; empty if none is named."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_empty(self) -> bool:
        """Whether there is no body at all."""
        return self.whole and not self.body.strip()

    @property
    def is_json(self) -> bool:
        """Whether the body is one JSON value."""
        return self.whole and _is_json(self.body)


async def read_answer(response: aiohttp.ClientResponse) -> Answer:
    """The answer of which *response* is the head.

    A body that breaks off is as good as its beginning: the status says who takes that for enough.
    """
    body, whole = b"", True
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY:
                    body, whole = body[:MAX_BODY], False
                    break
    except (aiohttp.ClientError, OSError, TimeoutError):
        whole = False
    headers = _by_name(response.headers)
    unpacked = _unpack(body, headers.get("content-encoding", ""))
    if unpacked is None:
        return Answer(response.status, headers, b"", whole=False)
    whole = whole and len(unpacked) <= MAX_BODY
    return Answer(response.status, headers, unpacked[:MAX_BODY], whole=whole)


def _by_name(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name; those that are there several times as one."""
    found: dict[str, str] = {}
    for written, value in headers.items():
        name = written.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _unpack(body: bytes, coding: str) -> bytes | None:
    """*body* out of its coding, its first part at least; None if that can't be had."""
    coding = coding.strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        return None
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, MAX_BODY + 1)
    except zlib.error:
        return None


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
