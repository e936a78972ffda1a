"""Plain data taken part by part: what is wrong is left out, and the rest is read all the same.

So that whoever mends a file is told every mistake at once, not the next one after the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from grantex_tui.datadog.document import step


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


Value = TypeVar("Value")
Part = TypeVar("Part", bound=msgspec.Struct)


class Parts:
    """Takes parts of a document.

    Args:
        wrong: JSON paths at which the schema found mistakes.
    """

    def __init__(self, wrong: Iterable[str] = ()) -> None:
        self._wrong = frozenset(wrong)

    def is_clean(self, where: str) -> bool:
        """Whether nothing at or below a path is wrong."""
        below = f"{where}.", f"{where}["
        return where not in self._wrong and not any(w.startswith(below) for w in self._wrong)

    def take(self, value: object, kind: type[Value], where: str) -> Value | None:
        """A part as *kind*; None if it isn't there, or something in it or around it is wrong."""
        if value is None or not self.is_clean(where):
            return None
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return None  # what is around it is not what it should be, and has been told

    def some(self, value: object, kind: type[Part], where: str) -> Part:
        """Of a part whose keys may all be left out those that are right."""
        given = value if isinstance(value, dict) else {}
        fields = kind.__struct_fields__
        right = {
            key: given[key] for key in fields if key in given and self.is_clean(step(where, key))
        }
        return self.take(right, kind, "") or kind()

    def each(
        self, value: object, kind: type[Value], where: str
    ) -> Iterator[tuple[str, Value | None, object]]:
        """The entries of a key that takes one or several: path, entry if it is right, plain data."""
        several = isinstance(value, list)
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            at = step(where, number) if several else where
            if item is not None:
                yield at, self.take(item, kind, at), item
