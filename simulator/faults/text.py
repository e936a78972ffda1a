"""Faults on one line, as the command line takes them: ``intake first=2 status=503``."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING, Final

from simulator.faults import keys
from simulator.faults.model import FOR_EVER, End, said
from simulator.faults.parse import SIDES, parse_faults
from simulator.faults.suggest import DOES, on_a_line
from simulator.faults.values import FaultError


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.faults.model import Do, Fault, Match, Side, When

_TOP: Final = frozenset({*keys.WHEN, "times"})
_SECRET: Final = frozenset({"key", "key_rotated"})


def parse_fault_text(text: str) -> Fault:
    """Read a fault such as ``intake first=2 status=503 retry-after=3`` or ``stream nth=2 reset``.

    The side, then in any order what a script has under ``match`` and ``do``, and when; a word
    alone is a key that is true, a number alone a status. Values with blanks are quoted as in a shell.

    Raises:
        FaultError: It is no such line.
    """
    try:
        first, *words = shlex.split(text) or [""]
    except ValueError as error:
        raise FaultError("", f"{text!r} can't be split: {error}") from None
    side = SIDES.get(first)
    if side is None:
        raise FaultError("", f"{text!r} begins with neither intake nor stream", hint=_sides(first))
    try:
        return _fault(side, words)
    except FaultError as error:
        # On a line, all stand side by side.
        place = error.where.removeprefix("do").removeprefix("match").strip(".").replace("_", "-")
        raise FaultError(place, error.said, path=repr(text), hint=error.hint) from None


def _sides(word: str) -> str:
    close = difflib.get_close_matches(word.lower(), SIDES, 1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return "intake is Datadog's side, stream is Grantex's: intake first=2 status=503 retry-after=3"


def _fault(side: Side, words: Sequence[str]) -> Fault:
    top: dict[str, object] = {"on": side.value}
    match: dict[str, object] = {}
    do: dict[str, object] = {}
    for word in words:
        key, given, value = word.partition("=")
        key = "headers" if key == "header" else key.replace("-", "_")
        if not given and key.isdigit():
            key, given, value = "status", "=", key
        into = top if key in _TOP else match if key in keys.MATCH else do
        if into is do and key not in DOES[side]:
            said, hint = on_a_line(key, side)
            raise FaultError("", said, hint=hint)
        if key == "headers":
            lines = into.setdefault(key, [])
            assert isinstance(lines, list)
            lines.append(value)
        elif key in into:
            hint = "A key and its value are joined by `=`, as in status=503."
            raise FaultError(key, "it is given twice", hint=hint)
        else:
            into[key] = value if given else True
    if not do:
        raise FaultError("", "it does nothing", hint="Add what happens: status=503, reset …")
    (fault,) = parse_faults({**top, "match": match, "do": do})
    return fault


def fault_text(fault: Fault) -> str:
    """The line that reads as *fault*; keys (secrets) are not shown."""
    words = [fault.on.value, *_words(fault.when), *_words(fault.match)]
    if fault.times is not None:
        words.append(f"times={fault.times}")
    return " ".join([*words, *_words(fault.do)])


def _words(record: When | Match | Do) -> Iterator[str]:
    """The words of what differs from the defaults, in the records' order."""
    for name, value in said(record).items():
        yield from _word(name, value)


def _word(name: str, value: object) -> Iterator[str]:
    key = name.replace("_", "-")
    if isinstance(value, End):
        yield value.value.replace("_", "-")
    elif name in _SECRET:
        yield f"{key}=…" if value else key
    elif name == "headers":
        assert isinstance(value, tuple)
        yield from (shlex.quote(f"header={header}: {said}") for header, said in value)
    elif name == "between":
        yield _span(value)
    elif value is True or (name, value) in _BARE:
        yield key
    elif name == "split":
        yield f"split={value or 'utf8'}"
    elif name == "p":
        yield f"{key}={value!r}"
    elif isinstance(value, float):
        yield f"{key}={_seconds(value)}"
    else:
        yield f"{key}={shlex.quote(str(value))}"


_BARE: Final = {("reset", "after"), ("lost_202", "reset"), ("leak_slot", "expires")}


def _span(value: object) -> str:
    assert isinstance(value, tuple)
    start, end = value
    if end == FOR_EVER:
        return f"after={_seconds(start)}"
    return f"between={_seconds(start)}..{_seconds(end)}"


def _seconds(value: float) -> str:
    """As precise as durations are, and without an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".") + "s"
