"""An answer that is not a stream: read from its parts, told of in a line, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.clock import seconds_to_wait
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT_STREAM = "text/event-stream"
MAX_BODY = 64 * 1024
"""Bytes of a refusal's body that are read."""
_SWITCHING, _OK, _NO_CONTENT = 101, 200, 204


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a stream: its status and what its body and headers say."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    content_type: str = ""
    coding: str = ""
    """Its ``Content-Encoding``."""
    location: str = ""
    """Whole, as it was sent: only `describe` makes it fit to be shown."""

    @property
    def is_of_the_key(self) -> bool:
        """Grantex itself refuses the key; a gateway's page with such a status is something else."""
        return self.status in (401, 403) and bool(self.code)


def read_refusal(status: int, headers: Mapping[str, str], body: bytes, *, now: float) -> Refusal:
    """The refusal in an answer: either of Grantex's body shapes, or anybody's text.

    *now* (epoch seconds) is what a ``Retry-After`` date is relative to.
    """
    code, message = "", ""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        message = body[:200].decode("utf-8", "replace").strip()
    else:
        if isinstance(value, dict):
            code = str(value.get("code") or value.get("error") or "")
            message = str(value.get("message") or "")
    wait = seconds_to_wait(headers.get("retry-after", ""), now=now)
    return Refusal(
        status=status,
        code=printable(code, limit=60),
        message=printable(message, limit=200),
        retry_after=None if wait is None else max(0.0, wait),
        content_type=printable(headers.get("content-type", ""), limit=60),
        coding=printable(headers.get("content-encoding", ""), limit=60),
        location=headers.get("location", ""),
    )


def describe(refusal: Refusal) -> str:
    """One line for people: status, code and the service's own words."""
    if refusal.status == _OK:
        return _unreadable(refusal)
    if refusal.status == _NO_CONTENT:
        return "204 No Content: the server wants no client to reconnect"
    if _redirects(refusal):
        where = printable(refusal.location, limit=200)
        return f"{refusal.status} redirect to {where}, which is not the address the key is for"
    said = ": ".join(part for part in (refusal.code, refusal.message) if part)
    status = "" if refusal.status == _SWITCHING else f"{refusal.status} "
    return f"{status}{said}".strip()


def hint_for(refusal: Refusal) -> str:
    """What a person can do about it."""
    if refusal.status in (401, 403):
        return "Check GRANTEX_API_KEY; a rotated key must be given anew."
    if refusal.status == 404:
        return "Check the URL: the stream is at BASE/v1/events/stream."
    if _redirects(refusal):
        return "Give the new address as --url if it is Grantex's; the key is not sent on by itself."
    return "Check the URL, and what stands between here and Grantex (proxy, gateway)."


def _redirects(refusal: Refusal) -> bool:
    return 300 <= refusal.status < 400 and bool(refusal.location)


def _unreadable(refusal: Refusal) -> str:
    """What is wrong with a 200."""
    if refusal.content_type.partition(";")[0].strip().lower() == EVENT_STREAM:
        return f"the stream is compressed ({refusal.coding}), which was not asked for"
    return f"the answer is {refusal.content_type or 'untyped'}, not {EVENT_STREAM}"
