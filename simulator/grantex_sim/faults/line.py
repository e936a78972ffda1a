"""A fault on one line, taken apart: ``intake first=2 status=503`` as the mapping that it stands for."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING, Final

from grantex_sim.faults import keys
from grantex_sim.faults.model import SIDES
from grantex_sim.faults.suggest import DOES, on_a_line
from grantex_sim.faults.values import FaultError
from grantex_sim.http.address import PATHS


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.faults.model import Side

_TOP: Final = frozenset({*keys.WHEN, "times"})


def take_apart(text: str) -> dict[str, object]:
    """The mapping that *text* stands for, as a script has it: ``on``, when, ``match``, ``do``.

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
        raise FaultError(
            "", f"{text!r} begins with no side: intake, stream or tls", hint=_sides(first)
        )
    if first in PATHS:
        words = [f"path={first}", *words]
    try:
        return _mapping(side, words)
    except FaultError as error:
        raise placed(error, text) from None


def placed(error: FaultError, text: str) -> FaultError:
    """*error* as it is told of a line, where all stand side by side."""
    place = error.where.removeprefix("do").removeprefix("match").strip(".").replace("_", "-")
    return FaultError(place, error.said, path=repr(text), hint=error.hint)


def _sides(word: str) -> str:
    close = difflib.get_close_matches(word.lower(), SIDES, 1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return "intake is Datadog's side, stream is Grantex's: intake first=2 status=503 retry-after=3"


def _mapping(side: Side, words: Sequence[str]) -> dict[str, object]:
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
    return {**top, "match": match, "do": do}
