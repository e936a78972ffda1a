"""What the real logs intake accepts and refuses; pure (Datadog: api/latest/logs, "Send logs").

Where Datadog says nothing we choose, and say so here: more than 1,000 entries are answered 413
(the docs leave 400 and 413 open), an empty array is accepted, MB are 10⁶ bytes (as Vector counts
them), and a missing key is 401, a wrong one 403.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import msgspec

from grantex_sim.http.coding import CodingError, TooLargeError, decode_body
from grantex_sim.http.json_text import JsonError, read_json


MAX_ENTRIES: Final = 1_000
MAX_BODY: Final = 5_000_000
"""Bytes of a request, uncompressed."""
MAX_ENTRY: Final = 1_000_000
"""Bytes of one entry; what is longer is truncated, and accepted."""


_ENVELOPE: Final = 200
"""Bytes of an entry besides its message, as Grantex's guide has it."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What an intake request asks to be stored."""

    content_type: str
    coding: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """The intake's judgement of one request, before any scripted fault."""

    status: int
    reason: str
    """For people; empty when accepted."""
    messages: list[str]
    """The ``message`` of each entry that could be read, in order."""
    size: int
    """Bytes of the body, uncompressed; of the body as sent when it can't be decoded."""
    truncated: frozenset[int] = frozenset()
    """Indices of entries over 1 MB."""


class PlainEntry(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An entry of the documented keys alone, all of them texts: the usual."""

    message: str
    ddsource: str | msgspec.UnsetType = msgspec.UNSET
    hostname: str | msgspec.UnsetType = msgspec.UNSET
    service: str | msgspec.UnsetType = msgspec.UNSET
    ddtags: str | msgspec.UnsetType = msgspec.UNSET


_decode_entry = msgspec.json.Decoder(PlainEntry).decode
_decode_entries = msgspec.json.Decoder(list[PlainEntry]).decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _MalformedError(ValueError):
    """The body is not what the intake takes."""


def judge_key(given: str, expected: str) -> Verdict | None:
    """A refusal for a missing or wrong ``DD-API-KEY``; None when it is the right one."""
    if not given:
        return Verdict(401, "no DD-API-KEY header", [], 0)
    if given != expected:
        return Verdict(403, "the DD-API-KEY is not the simulator's", [], 0)
    return None


def takes(message: bytes) -> bool:
    """Whether an event with this payload fits into a request at all, alone and uncompressed."""
    if len(message) * 2 + _ENVELOPE < MAX_BODY:  # whatever has to be escaped in it
        return True
    return len(json.dumps(message.decode("utf-8", "replace"))) + _ENVELOPE <= MAX_BODY


def judge(payload: Payload) -> Verdict:
    """Accept or refuse one body."""
    try:
        body = decode_body(payload.body, payload.coding, MAX_BODY)
    except CodingError as error:
        return Verdict(400, error.message, [], len(payload.body))
    except TooLargeError as error:
        return Verdict(413, error.message, [], len(payload.body))
    try:
        messages = _messages(body, payload.content_type)
    except _MalformedError as error:
        return Verdict(400, str(error), [], len(body))
    if len(messages) > MAX_ENTRIES:
        reason = f"{len(messages):,} entries, at most {MAX_ENTRIES:,} are taken"
        return Verdict(413, reason, messages, len(body))
    return Verdict(202, "", messages, len(body), _truncated(body, payload.content_type))


def _messages(body: bytes, content_type: str) -> list[str]:
    if is_text(body, content_type):
        return [line for line in body.decode("utf-8", "replace").split("\n") if line.strip()]
    try:
        if body.lstrip()[:1] != b"[":
            return [_decode_entry(body).message]
        return [entry.message for entry in _decode_entries(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _messages_leniently(body)


def is_text(body: bytes, content_type: str) -> bool:
    """Whether the body is text, a log a line, rather than JSON."""
    if "json" in content_type:
        return False
    return content_type.startswith(("text/plain", "application/logplex-1")) or (
        bool(body) and body.lstrip()[:1] not in (b"[", b"{")
    )


def _messages_leniently(body: bytes) -> list[str]:
    """The slow way: for entries with other keys, and to say what is wrong."""
    try:
        value = read_json(body)
    except JsonError as error:
        raise _MalformedError(f"the body is not JSON: {error}") from None
    return [_message(*each) for each in enumerate(value if isinstance(value, list) else [value])]


def _message(index: int, entry: object) -> str:
    if not isinstance(entry, dict):
        raise _MalformedError(f"entry {index} is not an object")
    return _text(entry.get("message"))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _truncated(body: bytes, content_type: str) -> frozenset[int]:
    if len(body) <= MAX_ENTRY:
        return frozenset()
    if is_text(body, content_type):
        lines = [line for line in body.split(b"\n") if line.strip()]
        return frozenset(i for i, line in enumerate(lines) if len(line) > MAX_ENTRY)
    sizes = _sizes(body) if body.lstrip()[:1] == b"[" else [len(body)]
    return frozenset(index for index, size in enumerate(sizes) if size > MAX_ENTRY)


def _sizes(body: bytes) -> list[int]:
    """Bytes of each entry, as it is written if that can be told."""
    try:
        return [len(bytes(raw)) for raw in _decode_raw(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        entries = read_json(body)
        assert isinstance(entries, list)
        return [len(msgspec.json.encode(entry)) for entry in entries]
