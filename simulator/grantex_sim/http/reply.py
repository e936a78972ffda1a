"""Answers of the simulator's own API: JSON, and problems that say what to do."""

from __future__ import annotations

import json

import msgspec

from grantex_sim.http.wire import head_bytes


def json_reply(status: int, value: object, *more: tuple[str, str]) -> bytes:
    """*value* as a whole JSON response, with *more* headers."""
    try:
        body = msgspec.json.encode(value)
    except UnicodeEncodeError:  # words of a client in what is told of them
        body = json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode("utf-8", "replace")
    headers = (("content-type", "application/json"), ("content-length", str(len(body))), *more)
    return head_bytes(status, headers) + body


def problem(status: int, error: str, hint: str, **more: object) -> bytes:
    """What went wrong and what to do next."""
    return json_reply(status, {"error": error, "hint": hint, **more})
