"""A fault as the line that reads as it: ``intake first=2 status=503``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from grantex_sim.faults.latency import Latency
from grantex_sim.faults.model import FOR_EVER, End, said


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.faults.model import Do, Fault, Match, When


_SECRET: Final = frozenset({"key", "key_rotated"})


def fault_text(fault: Fault) -> str:
    """The line that reads as *fault*; keys (secrets) are not shown."""
    words = [fault.on.value, *_words(fault.when), *_words(fault.match)]
    if fault.times is not None:
        words.append(f"times={fault.times}")
    return " ".join([*words, *_words(fault.do)])


def _words(record: When | Match | Do) -> Iterator[str]:
    """The words of what differs from the defaults, in the records' order."""
    for name, value in said(record).items():
        if name == "acts":
            assert isinstance(value, tuple)
            for act in value:
                yield from _word(act.word, act.value)
        else:
            yield from _word(name, value)


def _word(name: str, value: object) -> Iterator[str]:
    key = name.replace("_", "-")
    if isinstance(value, Latency):
        yield f"delay={value}"
    elif isinstance(value, End):
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
