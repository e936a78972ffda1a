"""Archived logs as far as somebody looks at them: the fields of their own, and the asked attributes.

An archived log is three times as long as its event, which stands in it twice. Decoding a block of
them into just the fields and the attributes that are asked for costs 1.0 µs a line; into a `Log` and
its event, 15.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Protocol, cast

import msgspec

from grantex_tui.datadog.paths import split_path


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence


class HeldSketch(Protocol):
    """One log: its date, the fields that are asked for, and what `HeldLayout.names` says."""

    @property
    def date(self) -> str:
        """As archived."""
        ...


_MOST_KEYS = 4
"""Of a path; it can be written in eight ways then, keys joined by dots."""
_Never = Annotated[int, msgspec.Meta(ge=1, le=0)]
"""The type of a key that mustn't be there: no value has it."""
_OTHERS = ("receivedAt", "event", "payload", "malformed", "gap", "type")
"""Keys that make a line something else than an archived log (see `recorded.line`)."""
_TAGS = tuple[str, ...] | str | None
_SCALARS: tuple[Any, ...] = (list, str, int, float, bool, None)


class _Place:
    """An object among the attributes, as far as paths lead into it."""

    def __init__(self) -> None:
        self.inner: dict[str, _Place] = {}
        self.is_asked = False

    def lead(self, keys: tuple[str, ...]) -> None:
        """Let a path lead through here: its keys one by one, or several joined by dots."""
        if not keys:
            self.is_asked = True
        for end in range(1, len(keys) + 1):
            self.inner.setdefault(".".join(keys[:end]), _Place()).lead(keys[end:])

    def names(self, keys: tuple[str, ...], before: str) -> list[str]:
        """The attributes of a sketch in which the value at *keys* may be, the first that is there."""
        if not keys:
            return [before]
        numbers = {key: number for number, key in enumerate(self.inner)}
        ways = [(".".join(keys[:end]), keys[end:]) for end in range(1, len(keys) + 1)]
        return [
            name
            for key, rest in ways
            for name in self.inner[key].names(rest, f"{before}.k{numbers[key]}")
        ]

    def struct(self) -> type[msgspec.Struct]:
        """What decodes it."""
        fields: list[tuple[str, Any, Any]] = []
        for number, place in enumerate(self.inner.values()):
            if place.is_asked or not place.inner:
                fields.append((f"k{number}", object, msgspec.UNSET))
            else:
                inner = place.struct()
                kind = reduce(or_, _SCALARS, inner)
                fields.append((f"k{number}", kind, inner()))
        names = {f"k{number}": key for number, key in enumerate(self.inner)}
        return msgspec.defstruct("Attributes", fields, rename=names, frozen=True, gc=False)


class HeldLayout:
    """What is decoded of archived logs.

    Args:
        paths: of the attributes that are asked for.
        own: the log's own fields that are: ``host``, ``service``, ``source``, ``status``, ``tags``.

    Raises:
        ValueError: Paths are too long, or no keys of JSON.
    """

    def __init__(self, paths: Iterable[str], own: Collection[str]) -> None:
        asked = {path: split_path(path) for path in sorted(set(paths))}
        if any(len(keys) > _MOST_KEYS for keys in asked.values()):
            raise ValueError("a path is too long")
        root = _Place()
        for keys in asked.values():
            root.lead(keys)
        self.names = {path: tuple(root.names(keys, "attributes")) for path, keys in asked.items()}
        """By path, the attributes of a sketch in which its value may be: the first that is there.

        A field of the log's own has its name; ``tags`` is always there.
        """
        attributes = root.struct()
        texts = sorted({*own} - {"tags"})
        every = [*((name, str | None, None) for name in texts), ("tags", _TAGS, None)]
        self._every = _decoder(attributes, every, {})
        # Where a log has a service and a source of its own, no tag stands in for them.
        self._lean = self._every
        if "tags" not in own:
            self._lean = _decoder(attributes, [(name, str) for name in texts], {"tags": None})

    def decode(self, block: bytes) -> Sequence[HeldSketch]:
        """The logs of some lines.

        Raises:
            msgspec.MsgspecError: One of them is none, or of another form.
        """
        try:
            return self._lean(block)
        except msgspec.ValidationError:
            found = self._every(block)
            self._lean = self._every  # where one lacks a source others will
            return found


def _decoder(
    attributes: type[msgspec.Struct], fields: Sequence[Any], constant: dict[str, Any]
) -> Callable[[bytes], Sequence[HeldSketch]]:
    required = [field for field in fields if len(field) == 2]
    optional = [field for field in fields if len(field) != 2]
    line = msgspec.defstruct(
        "Held",
        [
            ("date", str),
            ("attributes", attributes),
            *required,
            *optional,
            *((name, _Never, msgspec.UNSET) for name in _OTHERS),
        ],
        namespace=constant,
        gc=False,
    )
    return cast("Callable[[bytes], Sequence[HeldSketch]]", msgspec.json.Decoder(line).decode_lines)
