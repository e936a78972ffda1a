"""What an intake's answer means for the entries of its request.

Source: Datadog api/latest/logs; Datadog's own senders accept any 2xx.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import seconds_to_wait
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_RETRY_AFTER = 300.0
"""Longest wait that a server may ask for, in seconds."""
_DETAIL_LENGTH = 200


class VerdictKind(StrEnum):
    """What to do with the entries."""

    DELIVERED = "delivered"
    SPLIT = "split"
    """Something in it is refused for good: halve it, until the guilty entry stands alone."""
    RETRY = "retry"
    HOLD = "hold"
    """The intake refuses us, not the entries: keep everything and ask again slowly."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one request."""

    kind: VerdictKind
    status: int | None
    """None: there was no answer."""
    detail: str = ""
    """Why, fit to be shown."""
    retry_after: float | None = None
    """Seconds that the server asked for, capped."""
    too_large: bool = False


_RETRIED = (408, 425, 429)
_ABOUT_US = {
    401: "the API key is missing",
    403: "the API key is refused",
    404: "there is no logs intake at this address",
    405: "there is no logs intake at this address",
    407: "a proxy wants credentials",
    410: "there is no logs intake at this address",
    415: "the intake does not take this compression; choose another",
    421: "there is no logs intake at this address",
}


def judge(status: int, headers: Mapping[str, str], body: bytes, *, now: float) -> Verdict:
    """The verdict on an answer.

    Args:
        status: The HTTP status.
        headers: By lower-case name.
        body: Its first bytes.
        now: Epoch seconds, for a ``Retry-After`` that is a date.
    """
    said = error_text(body)
    if 200 <= status < 300:
        return Verdict(VerdictKind.DELIVERED, status)
    if 300 <= status < 400:
        where = printable(headers.get("location", "elsewhere"), limit=_DETAIL_LENGTH)
        return Verdict(
            VerdictKind.HOLD,
            status,
            f"redirects to {where}; not followed, the key goes nowhere else",
        )
    if status in _ABOUT_US:
        return Verdict(VerdictKind.HOLD, status, _joined(_ABOUT_US[status], said))
    if status in _RETRIED or status >= 500 or status < 200:
        return Verdict(VerdictKind.RETRY, status, said, retry_after(headers, now=now))
    return Verdict(VerdictKind.SPLIT, status, said, too_large=status == 413)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """How many seconds the server wants to be left alone, capped; None if it doesn't say.

    ``Retry-After`` (seconds or a date) counts before ``X-Ratelimit-Reset`` (seconds).
    """
    for name in ("retry-after", "x-ratelimit-reset"):
        value = headers.get(name, "").strip()
        if not value:
            continue
        seconds = seconds_to_wait(value, now=now)
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_RETRY_AFTER)
    return None


def error_text(body: bytes) -> str:
    """What an error body says, fit to be shown: Datadog's ``errors``, or its beginning."""
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        errors = []
    said = "; ".join(filter(None, map(_one_error, errors)))
    whole = body.decode("utf-8", "replace").strip()
    return printable(said or ("" if whole == "{}" else whole), limit=_DETAIL_LENGTH)


class _Error(msgspec.Struct):
    title: str = ""
    detail: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Error | str] = []


def _one_error(error: _Error | str) -> str:
    return error if isinstance(error, str) else error.detail or error.title


def _joined(ours: str, theirs: str) -> str:
    return f"{ours} ({theirs})" if theirs else ours
