"""What to say of a key that nobody knows: where it belongs, or which one was meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from grantex_sim.faults import keys
from grantex_sim.faults.model import Side


if TYPE_CHECKING:
    from collections.abc import Iterable

DOES: Final = {
    Side.INTAKE: frozenset(keys.ANSWER),
    Side.STREAM: frozenset({*keys.OPENING, *keys.PASSING, *keys.REWRITING}),
    Side.TLS: frozenset(keys.HANDSHAKE),
}
"""What can be done on each side."""
MATCHED: Final = {
    Side.INTAKE: frozenset(keys.MATCH) - {"client", "host"},
    Side.STREAM: frozenset(keys.MATCH) - {"host"},
    Side.TLS: frozenset({"host"}),
}
_BESIDE: Final = (*keys.WHEN, "times")
_PLACES: Final = {
    "": "It stands beside `on`, not in there.",
    "match": "It stands under `match`.",
    "do": "It stands under `do`.",
}
_MEANT: Final = {
    "bad_json": "malformed_json",
    "chance": "p",
    "code": "status",
    "content_type": "wrong_mime",
    "count": "times",
    "disconnect": "reset",
    "drop": "skip",
    "hang": "half_open",
    "id_inversions": "id_inversion",
    "invalid_json": "malformed_json",
    "latency": "delay",
    "limit": "times",
    "location": "redirect",
    "mime": "wrong_mime",
    "probability": "p",
    "rotate_key": "key_rotated",
    "server_drain": "drain",
    "silence": "half_open",
    "skip_ids": "skip",
    "timeout": "half_open",
    "types": "type",
    "wait": "delay",
}
"""Other tools' words."""


def on_a_line(key: str, side: Side) -> tuple[str, str]:
    """What is said of *key* on a line that begins with *side*, and the hint."""
    other = _other_side(key, side)
    if other is not None:
        return f"`{key}` is a fault of the {other}", f"Begin the line with `{other}`."
    pools = (_BESIDE, MATCHED[side], DOES[side])
    meant = _meant(key, [word for pool in pools for word in pool])
    if meant is not None:
        return f"unknown key `{key}`", f"Did you mean `{_dashed(meant)}`?"
    when, whom, what = (", ".join(map(_dashed, sorted(pool))) for pool in pools)
    return f"unknown key `{key}`", f"Known: when ({when}), whom ({whom}), what ({what})."


def in_a_mapping(
    key: str, known: Iterable[str], *, place: str, side: Side | None
) -> tuple[str, str]:
    """What is said of *key* where only *known* ones have a place, and the hint.

    Args:
        key: What was written.
        known: What could have been.
        place: ``do``, ``match``, or nothing for the fault itself.
        side: Whose fault it is, if that is known yet.
    """
    known = list(known)
    other = _other_side(key, side) if side is not None and place == "do" else None
    if other is not None:
        return (
            f"`{key}` is a fault of the {other}",
            f"Write it as one of its own, with on: {other}.",
        )
    elsewhere = {where: words for where, words in _vocabulary(side).items() if where != place}
    for where, words in elsewhere.items():
        if key in words:
            return f"`{key}` has no place here", _PLACES[where]
    hints = {word: _PLACES[where] for where, words in elsewhere.items() for word in words}
    hints |= dict.fromkeys(known, "")
    meant = _meant(key, hints)
    if meant is None:
        return f"unknown key `{key}`", f"Known: {', '.join(known)}."
    return f"unknown key `{key}`", f"Did you mean `{meant}`? {hints[meant]}".rstrip()


def _vocabulary(side: Side | None) -> dict[str, Iterable[str]]:
    """The words by the place where they stand."""
    if side is None:
        return {"": _BESIDE, "match": keys.MATCH, "do": sorted(frozenset().union(*DOES.values()))}
    return {"": _BESIDE, "match": sorted(MATCHED[side]), "do": sorted(DOES[side])}


def _other_side(key: str, side: Side) -> Side | None:
    return next((other for other in Side if key in DOES[other] - DOES[side]), None)


def _meant(key: str, words: Iterable[str]) -> str | None:
    """The one of *words* that was meant, if one is close."""
    words = list(words)
    if _MEANT.get(key) in words:
        return _MEANT[key]
    return next(iter(difflib.get_close_matches(key, words, 1)), None)


def _dashed(word: str) -> str:
    return word.replace("_", "-")
