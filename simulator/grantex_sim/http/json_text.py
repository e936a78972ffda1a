"""JSON that clients send, read in one way wherever it comes in.

What is read here can be counted with, kept and written again: a number lies within a double, as in
every reader that Datadog's API is likely to have, and half a surrogate, which JSON can escape and
no UTF-8 can hold, is a question mark. ``NaN`` and ``Infinity`` are no JSON.
"""

from __future__ import annotations

import contextlib
import json
from typing import Final, NoReturn

import msgspec


_DIGITS: Final = 308
"""Those of the greatest whole number that is taken; a double reaches 1.8e308."""
_LONG_NUMBER: Final = b"0" * (_DIGITS + 1)
_DIGITS_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_decode_fast: Final = msgspec.json.Decoder().decode


class JsonError(ValueError):
    """It is no JSON, or none that can be kept."""


def read_json(text: bytes) -> object:
    """The value that *text* is.

    Raises:
        JsonError: With what is wrong and where.
    """
    if _LONG_NUMBER not in text.translate(_DIGITS_AS_ZEROS):
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _decode_fast(text)  # takes less than the careful way, and nothing else
    try:
        value: object = _decode(text.decode("utf-8-sig"))
        return _without_surrogates(value) if b"\\u" in text else value
    except RecursionError:
        raise JsonError("it is nested too deeply") from None
    except ValueError as error:
        raise JsonError(str(error)) from None


def _without_surrogates(value: object) -> object:
    """*value* as it is after it was written in UTF-8."""
    text = json.dumps(value, ensure_ascii=False)
    return _decode(text.encode("utf-8", "replace").decode())


def _whole(digits: str) -> int:
    if len(digits.removeprefix("-")) > _DIGITS:
        raise JsonError(f"a number of {len(digits):,} digits")
    return int(digits)


def _real(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise JsonError(f"{text[:40]} is beyond what a double holds")
    return value


def _no_number(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON")


_decode: Final = json.JSONDecoder(
    parse_int=_whole, parse_float=_real, parse_constant=_no_number
).decode
