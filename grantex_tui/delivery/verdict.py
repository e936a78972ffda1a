"""What an intake's answer means for the entries of its request.

Source: Datadog api/latest/logs. Datadog's own senders accept any 2xx, and thus a login page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import seconds_to_wait
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.delivery.answer import Answer

MAX_RETRY_AFTER = 300.0
"""Longest wait that a server may ask for, in seconds."""
_DETAIL_LENGTH = 200
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


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
    """A smaller request may pass."""


_RETRIED = (408, 425, 429)
NO_INTAKE = "there is no logs intake at this address"
KEY_REFUSED = "the API key is refused"
_ABOUT_US = {
    401: "the API key is missing",
    403: KEY_REFUSED,
    404: NO_INTAKE,
    405: NO_INTAKE,
    407: "a proxy wants credentials",
    410: NO_INTAKE,
    415: "the intake does not take this compression; choose another",
    421: NO_INTAKE,
}
_ABOUT_ENTRIES = (400, 413)
"""With a JSON error it is the intake that speaks; anybody on the way may say as much in HTML."""


def judge(answer: Answer, *, now: float) -> Verdict:
    """The verdict on an answer.

    Delivered is what Datadog's intake (202) or one like it (another 2xx, without a body or with a
    JSON one) says is. Only a JSON error speaks of the entries. Everything else is about us or from
    somebody in between: everything is kept and asked again.

    Args:
        answer: What came back.
        now: Epoch seconds, for a ``Retry-After`` that is a date.
    """
    status = answer.status
    if 200 <= status < 300:
        return _accepted(answer)
    if status in _RETRIED or status >= 500 or status < 200:
        wait = retry_after(answer.headers, now=now)
        return Verdict(VerdictKind.RETRY, status, told(answer), wait)
    if status in _ABOUT_ENTRIES and answer.is_json:
        return Verdict(VerdictKind.SPLIT, status, told(answer), too_large=status == 413)
    if status == 413:
        # A gateway with a limit of its own: less may pass, and nothing is to blame.
        return Verdict(VerdictKind.RETRY, status, told(answer), too_large=True)
    return Verdict(VerdictKind.HOLD, status, _refusal(answer))


def _accepted(answer: Answer) -> Verdict:
    if answer.status == 202 or answer.is_empty or answer.is_json:
        return Verdict(VerdictKind.DELIVERED, answer.status)
    if not answer.whole and not answer.body:
        return Verdict(VerdictKind.RETRY, answer.status, "the answer broke off or can't be read")
    return Verdict(VerdictKind.HOLD, answer.status, f"{told(answer)}: nothing was delivered")


def _refusal(answer: Answer) -> str:
    """Why everything is held."""
    if 300 <= answer.status < 400:
        where = printable(answer.headers.get("location", "elsewhere"), limit=_DETAIL_LENGTH)
        return f"{answer.status} redirects to {where}; not followed, the key goes nowhere else"
    ours = _ABOUT_US.get(answer.status, "")
    if not ours or (answer.status in (401, 403) and not (answer.is_json or answer.is_empty)):
        return f"{told(answer)}: not what Datadog's intake answers"
    return f"{ours}: {told(answer)}"


def told(answer: Answer) -> str:
    """The answer in a few words: status, phrase, and what the body says."""
    phrase = _PHRASES.get(answer.status, "")
    head = f"{answer.status} {phrase}".rstrip()
    if answer.body and not answer.is_json:
        page = f"{head}, {printable(answer.kind or 'no content type', limit=60)}"
        return f"{page} ({error_text(answer.body)})"
    said = error_text(answer.body)
    return f"{head} ({said})" if said and said != phrase else head


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
