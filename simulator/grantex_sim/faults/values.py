"""The values in a fault script, read strictly: durations, sizes, counts, texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from grantex_tui.errors import InvalidFileError
from grantex_tui.words.durations import EXAMPLES, parse_duration
from grantex_tui.words.sizes import parse_size


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.http.wire import Headers

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
LARGEST: Final = 64 * 1024 * 1024
LONGEST: Final = 1e10
"""Seconds: three centuries, and a number that clocks and timers can still reckon with."""


class FaultError(InvalidFileError):
    """A fault script is wrong; *where* is the JSON path of the part, from the script's root."""

    def __init__(self, where: str, message: str, *, path: str = "", hint: str = "") -> None:
        place = f"{path}: {where}" if path and where else path or where
        super().__init__(f"{place}: {message}" if place else message, hint=hint)
        self.where = where
        self.said = message


def wrong(where: str, wanted: str, value: object) -> NoReturn:
    """*value* is not what was *wanted*; yes is what a key without a value has."""
    if value is True or value == "":
        raise FaultError(where, f"it needs a value: {wanted}")
    shown = repr(value)
    raise FaultError(where, f"{shown if len(shown) <= 60 else shown[:59] + '…'} is not {wanted}")


def duration(value: object, where: str) -> float:
    """Seconds, out of a number of them or a text such as ``30s``, ``200ms``, ``1h30m``."""
    try:
        seconds = parse_duration(value)
    except ValueError:
        wrong(where, f"a duration such as {EXAMPLES}", value)
    if seconds > LONGEST:
        wrong(where, f"a duration from 0 up to {LONGEST:.0f} s", value)
    return seconds


def size(value: object, where: str) -> int:
    """Bytes, out of a number or a text such as ``64kB``, ``1MiB``."""
    try:
        found = parse_size(value)
    except ValueError:
        found = -1
    if not 0 <= found <= LARGEST:
        wrong(where, "a size such as 500, 64kB or 1MiB (64 MiB at most)", value)
    return found


def count(value: object, where: str) -> int:
    """A whole number from 1 up."""
    return _whole(value, where, 1)


def amount(value: object, where: str) -> int:
    """A whole number from 0 up."""
    return _whole(value, where, 0)


def copies(value: object, where: str) -> int:
    """A whole number from 1 up; yes means 1."""
    return 1 if value is True else _whole(value, where, 1)


def _whole(value: object, where: str, least: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        wrong(where, f"a whole number from {least} up", value)
    return value


def probability(value: object, where: str) -> float:
    """A number from 0 to 1, or a percentage."""
    found: object = value
    if isinstance(value, str):
        text, percent, rest = value.partition("%")
        try:
            found = float(text) / (100 if percent else 1) if not rest else None
        except ValueError:
            found = None
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found <= 1:
        wrong(where, "a probability such as 0.05 or 5%, from 0 to 1", value)
    return float(found)


def status(value: object, where: str) -> int:
    """An HTTP status that ends an exchange."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value) else value
    if not isinstance(number, int) or isinstance(number, bool) or not 200 <= number <= 599:
        wrong(where, "an HTTP status, a whole number from 200 to 599", value)
    return number


def flag(value: object, where: str) -> bool:
    """True: a fault that is not wanted is left out."""
    if value not in (True, "true", "yes"):
        wrong(where, "true; it is given without a value, or left out", value)
    return True


def text(value: object, where: str) -> str:
    """A text."""
    if not isinstance(value, str):
        wrong(where, "a text", value)
    return value


def name(value: object, where: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        wrong(where, "a text that says something", value)
    return value


def header_value(value: object, where: str) -> str:
    """A text fit for a header: on one line, in Latin-1."""
    said = str(value) if isinstance(value, int | float) and value is not True else value
    if not isinstance(said, str) or not said.isprintable() or max(said, default=" ") > "\xff":
        wrong(where, "a header's value (one line)", value)
    return said


def headers(value: object, where: str) -> Headers:
    """Headers: a mapping, a list of ``Name: value`` lines, or one such line."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and all(isinstance(line, str) for line in value):
        pairs = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in value]
    else:
        wrong(where, "headers (Name: value)", value)
    if isinstance(value, list) and (bare := [line for line in value if ":" not in line]):
        wrong(where, "a header (Name: value)", bare[0])
    for header, _ in pairs:
        if not _TOKEN.fullmatch(str(header)):
            wrong(where, "a header's name", header)
    return tuple((str(header), header_value(said, f"{where}.{header}")) for header, said in pairs)


def span(value: object, where: str) -> tuple[float, float]:
    """From and until, in seconds: a pair, or a text such as ``30s..45s``."""
    edges = value.replace("..", ",").split(",") if isinstance(value, str) else value
    if not isinstance(edges, list | tuple) or len(edges) != 2:
        wrong(where, "a span such as 30s..45s, in YAML [30s, 45s]", value)
    start, end = (duration(edge, f"{where}[{index}]") for index, edge in enumerate(edges))
    if start >= end:
        wrong(where, "a span that ends after it begins", value)
    return start, end


def one_of(choices: Sequence[str]) -> _Choice:
    """One of a few words; yes means the first."""
    return _Choice(choices)


class _Choice:
    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def __call__(self, value: object, where: str) -> str:
        if value is True:
            return self.choices[0]
        if not isinstance(value, str) or value not in self.choices:
            wrong(where, f"one of {', '.join(self.choices)}", value)
        return value


def new_key(value: object, where: str) -> str:
    """The key that takes the old one's place; yes means that none does."""
    return "" if value is True else name(value, where)


def mime(value: object, where: str) -> str:
    """A content type; yes means a web page's."""
    return "text/html" if value is True else header_value(name(value, where), where)


def pause(value: object, where: str) -> float:
    """A duration; yes means 5 ms."""
    return 0.005 if value is True else duration(value, where)


def cut(value: object, where: str) -> int:
    """Bytes of a piece; yes means 1, ``utf8`` within every character of several bytes."""
    if value == "utf8":
        return 0
    return 1 if value is True else count(value, where)
