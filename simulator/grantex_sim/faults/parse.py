"""Fault scripts as YAML or JSON values: strict, and precise about what is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from grantex_sim.faults import keys
from grantex_sim.faults.kinds.kind import Act, joined
from grantex_sim.faults.kinds.registry import ending
from grantex_sim.faults.latency import Latency
from grantex_sim.faults.line import placed, take_apart
from grantex_sim.faults.model import (
    SIDES,
    Answer,
    Do,
    End,
    Fault,
    Handshake,
    Match,
    Opening,
    Passing,
    Rewriting,
    Side,
    When,
)
from grantex_sim.faults.suggest import in_a_mapping
from grantex_sim.faults.together import check_together, check_when
from grantex_sim.faults.values import FaultError, count, duration, wrong
from grantex_sim.http.address import PATHS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from grantex_sim.faults.keys import Readers

_matching: Callable[..., Match] = Match  # the readers give each field its type
_TOP: Final = ("on", "do", "match", "times", *keys.WHEN)
_EVENTS_ONLY: Final = keys.PASSING.keys() - keys.OPENING.keys()
_ABOUT: Final = {
    Answer: "a request to the intake",
    Opening: "a connection",
    Passing: "an event that passes",
    Rewriting: "an event before it is emitted",
    Handshake: "a handshake",
}
_READERS: Final[Mapping[type, Readers]] = {
    Answer: keys.ANSWER,
    Opening: keys.OPENING,
    Passing: keys.PASSING,
    Rewriting: keys.REWRITING,
    Handshake: keys.HANDSHAKE,
}
_SIDE: Final[Mapping[type, Side]] = {
    Answer: Side.INTAKE,
    Handshake: Side.TLS,
    **dict.fromkeys((Opening, Passing, Rewriting), Side.STREAM),
}
_MATCHED: Final[Mapping[type, frozenset[str]]] = {
    Answer: frozenset({"path", "key", "type", "id"}),
    Opening: frozenset({"path", "key", "client"}),
    Passing: frozenset({"path", "client", "type", "id"}),
    Rewriting: frozenset({"type", "id"}),
    Handshake: frozenset({"host"}),
}


def parse_faults(value: object, *, path: str = "") -> tuple[Fault, ...]:
    """The faults of a script: a list of them, or one.

    Args:
        value: What YAML or JSON gave; in a list, faults may be lines as on the command line.
        path: How messages call the script, such as its file.

    Raises:
        FaultError: Something in it is wrong; its `where` is the JSON path of the part.
    """
    try:
        if value is None:
            return ()
        if isinstance(value, dict):
            return (_fault(value, ""),)
        if not isinstance(value, list):
            wrong("", "a list of faults", value)
        return tuple(_fault(item, f"[{index}]") for index, item in enumerate(value))
    except FaultError as error:
        raise FaultError(error.where, error.said, path=path, hint=error.hint) from None


def _fault(value: object, where: str) -> Fault:
    if isinstance(value, str):
        return _line(value, where)
    given = _mapping(value, where, "a fault (on, when, do)")
    known_side = SIDES.get(str(given.get("on", "")))
    _check_keys(given, _TOP, where, "", known_side)
    side = _side(given, where)
    if "do" not in given:
        raise FaultError(where, "it has no `do`", hint="Say what happens: do: {status: 503}.")
    do = _actions(given["do"], _under(where, "do"))
    match = _match(given.get("match", {}), _under(where, "match"), side)
    _set_path(match, given, where)
    kind = _kind(side, do, match)
    _check_matched(kind, match, where)
    made = _record(kind, do, match, where)
    when = _when(given, where)
    check_when(when, where)
    if when.now and not (isinstance(made, Opening) and made.strikes and not made.waits):
        hint = (
            "Give it an end (reset, kill, clean_end, half_open, bad_chunk, truncate_event), "
            "freeze or dead_subscriber."
        )
        raise FaultError(
            _under(where, "now"), "only a stream that is open can be hit now", hint=hint
        )
    times = given.get("times")
    limit = None if times is None else count(times, _under(where, "times"))
    return Fault(on=side, do=made, when=when, match=_matching(**match), times=limit)


def parse_fault_text(text: str) -> Fault:
    """Read a fault such as ``intake first=2 status=503 retry-after=3`` or ``stream nth=2 reset``.

    Raises:
        FaultError: It is no such line.
    """
    given = take_apart(text)
    try:
        return _fault(given, "")
    except FaultError as error:
        raise placed(error, text) from None


def _line(value: str, where: str) -> Fault:
    """A fault as the command line takes it, in a list."""
    try:
        return parse_fault_text(value)
    except FaultError as error:
        raise FaultError(where, error.message, hint=error.hint) from None


def _side(given: Mapping[str, object], where: str) -> Side:
    side = SIDES.get(str(given.get("on", "")))
    if side is None:
        said = "it has no `on`"
        if "on" in given:
            said = f"{str(given['on'])[:60]!r} is no side: intake, stream or tls"
        hint = "Say whose fault it is: on: intake (Datadog's), or on: stream (Grantex's)."
        raise FaultError(_under(where, "on") if "on" in given else where, said, hint=hint)
    return side


def _set_path(match: dict[str, object], given: Mapping[str, object], where: str) -> None:
    """A path that stands for its side is the one that the fault is told by."""
    named = str(given["on"])
    if named not in PATHS:
        return
    if match.get("path", named) != named:
        said = f"on: {named} says already which path it is"
        raise FaultError(_under(where, "match.path"), said, hint="Leave one of the two out.")
    match["path"] = named


def _when(given: Mapping[str, object], where: str) -> When:
    """The selectors; ``after: 30s`` is a span without an end."""
    found: dict[str, object] = {}
    for key, reader in keys.WHEN.items():
        if key not in given:
            continue
        value, at = given[key], _under(where, key)
        if key == "after" and isinstance(value, str) and not value.isdigit():
            if "between" in given:
                raise FaultError(at, "a time here and `between` exclude each other")
            found["between"] = (duration(value, at), math.inf)
        else:
            found[key] = reader(value, at)
    make: Callable[..., When] = When
    return make(**found)


def _match(value: object, where: str, side: Side) -> dict[str, object]:
    given = _mapping(value, where, "a mapping of " + ", ".join(keys.MATCH))
    _check_keys(given, keys.MATCH, where, "match", side)
    return _read(given, keys.MATCH, where)


def _actions(value: object, where: str) -> Mapping[str, object]:
    """What ``do`` says: a mapping, one word, or a status."""
    if isinstance(value, str) and not value.isdigit():
        return {value.replace("-", "_"): True}
    if isinstance(value, int | str) and not isinstance(value, bool):
        return {"status": value}
    given = _mapping(value, where, "what happens, such as {status: 503} or reset")
    if not given:
        raise FaultError(where, "it does nothing", hint="Such as {status: 503} or reset.")
    return given


def _kind(side: Side, do: Mapping[str, object], match: Mapping[str, object]) -> type[Do]:
    """What the fault is about; a stream's counts events if it can only mean them."""
    if side is Side.INTAKE:
        return Answer
    if side is Side.TLS:
        return Handshake
    if do.keys() & keys.REWRITING.keys():
        return Rewriting
    return Passing if do.keys() & _EVENTS_ONLY or match.keys() & {"type", "id"} else Opening


def _check_matched(kind: type[Do], match: Mapping[str, object], where: str) -> None:
    for key in match.keys() - _MATCHED[kind]:
        usable = ", ".join(sorted(_MATCHED[kind]))
        said = f"{_ABOUT[kind]} can't be told by `{key}`"
        raise FaultError(_under(where, f"match.{key}"), said, hint=f"It can be by {usable}.")


def _record(
    kind: type[Do], do: Mapping[str, object], match: Mapping[str, object], where: str
) -> Do:
    at = _under(where, "do")
    for key in do:
        _check_kind(kind, key, at)
    found = _read(do, _READERS[kind], at)
    if kind in (Opening, Passing):
        _settle_end(found, at)
    check_together(kind, found, match, where)
    if kind is Opening:
        _settle_moment(found)
    if isinstance(found.get("delay"), Latency):
        found["latency"] = found.pop("delay")
    acts = [value for value in found.values() if isinstance(value, Act)]
    if acts:
        rest = {key: value for key, value in found.items() if not isinstance(value, Act)}
        found = {**rest, "acts": joined(acts)}
    make: Callable[..., Do] = kind  # the readers give each field its type
    return make(**found)


def _check_kind(kind: type[Do], key: str, where: str) -> None:
    """A key of another kind is told of as such, an unknown one with its nearest."""
    if key in _READERS[kind]:
        return
    for other, readers in _READERS.items():
        if key in readers and _SIDE[other] is _SIDE[kind]:
            said = f"`{key}` is about {_ABOUT[other]}, the rest about {_ABOUT[kind]}"
            raise FaultError(_under(where, key), said, hint="Write two faults.")
    _check_keys((key,), _READERS[kind], where, "do", _SIDE[kind])


def _settle_end(found: dict[str, object], where: str) -> None:
    """One `End` out of the keys that name one."""
    for short in ("reset_after_events", "reset_after_bytes"):
        if short in found:
            found[short.removeprefix("reset_")] = found.pop(short)
            found["reset"] = True
    ends = [end for end in End if found.pop(end.value, False)]
    if len(ends) > 1:
        names = " and ".join(ends)
        raise FaultError(where, f"{names}: a stream has one end", hint="Write two faults.")
    if ends:
        found["end"] = ends[0]


def _settle_moment(found: dict[str, object]) -> None:
    """When a connection's end comes, checked already."""
    for key in ("after_bytes", "after_time"):
        if found.get(key) == 0:
            del found[key]  # at once
    timed = found.keys() & {"after_events", "after_bytes", "after_time"}
    if not timed and _takes_event(found.get("end")):
        found["after_events"] = 0  # it takes an event


def _takes_event(end: object) -> bool:
    return isinstance(end, End) and ending(end).takes_event


def _read(given: Mapping[str, object], readers: Readers, where: str) -> dict[str, object]:
    return {key: readers[key](value, _under(where, key)) for key, value in given.items()}


def _check_keys(
    given: Iterable[str], known: Iterable[str], where: str, place: str, side: Side | None
) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            said, hint = in_a_mapping(key, known, place=place, side=side)
            raise FaultError(_under(where, key), said, hint=hint)


def _mapping(value: object, where: str, wanted: str) -> dict[str, object]:
    if not isinstance(value, dict):
        wrong(where, wanted, value)
    # YAML 1.1 reads the bare word `on` as true.
    given = {
        "on" if key is True else str(key).replace("-", "_"): said for key, said in value.items()
    }
    if len(given) < len(value):
        raise FaultError(where, "a key is given twice")
    return given


def _under(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
