"""What of one fault can come together; what never could do anything is told, not ignored."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, TypeGuard

from grantex_sim.faults.kinds.kind import Act
from grantex_sim.faults.model import LINES, Answer, End, Opening, Passing
from grantex_sim.faults.values import FaultError
from grantex_sim.http.address import INTAKE, OLD_INTAKE, PATHS, STREAM, WEBSOCKET


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_sim.faults.model import Do, When

_NO_ANSWER: Final = frozenset({"reset", "half_open", "lost_202"})
_BESIDE_NO_ANSWER: Final = frozenset({"delay", "slow_read", "key_rotated"})
_REFUSAL: Final = frozenset({"status", "redirect", "drain"})
_BESIDE_REFUSAL: Final = _REFUSAL | {
    "retry_after", "headers", "body", "delay", "lock_out", "key_rotated",
}  # fmt: skip
_OF_A_STATUS: Final = frozenset({"retry_after", "body"})
_LATER: Final = ("after_events", "after_bytes", "after_time")
_BODILESS: Final = (204, 304)


def check_together(
    kind: type[Do], did: Mapping[str, object], match: Mapping[str, object], where: str
) -> None:
    """Look at the keys of one fault beside each other.

    Args:
        kind: What it is about.
        did: What it does, read.
        match: Whom it concerns, read.
        where: The fault's JSON path.

    Raises:
        FaultError: Some of it would never have an effect.
    """
    at = _at(where, "do")
    if kind is Answer:
        _check_answer(did, at)
        _check_early(did, match, where)
        _check_intake_path(match, where)
    elif kind is Opening:
        _check_opening(did, at)
        _check_hold(did, at)
        _check_reached(match, (STREAM, WEBSOCKET), "Grantex's stream", where)
        _check_socket(did, match, at)
    elif kind is Passing:
        _check_passing(did, at)
        _check_socket(did, match, at)
    if did.get("status") in _BODILESS and "body" in did:
        raise FaultError(_at(at, "body"), f"an answer of status {did['status']} has no body")


def check_when(when: When, where: str) -> None:
    """Look at the selectors beside each other.

    Raises:
        FaultError: Together they never hit anything.
    """
    if when.now and when.between is not None:
        raise FaultError(_at(where, "now"), "`now` and a span of time exclude each other")
    if when.hits_nothing:
        given = [
            f"{key}={getattr(when, key)}"
            for key in ("nth", "first", "after", "every")
            if getattr(when, key) is not None
        ]
        raise FaultError(where, f"{' and '.join(given)} together hit nothing, ever")


def _check_answer(did: Mapping[str, object], where: str) -> None:
    given = did.keys()
    for silent in sorted(given & _NO_ANSWER):
        for other in sorted(given - _BESIDE_NO_ANSWER - {silent}):
            said = f"with `{silent}` there is no answer that `{other}` could be about"
            raise FaultError(_at(where, other), said, hint="Write two faults.")
    if {"body", "empty_body"} <= given:
        raise FaultError(where, "body and empty_body exclude each other")


def _check_early(did: Mapping[str, object], match: Mapping[str, object], where: str) -> None:
    """What is decided at the request's head knows nothing of what comes after it."""
    early = next((f"{act.word}: {act.value}" for act in did.values() if _is_early(act)), "")
    for other in sorted(did.keys() & {"delay", "slow_read"}) if early else ():
        said = f"`{early}` comes with the request's head, and `{other}` after it"
        raise FaultError(_at(where, f"do.{other}"), said, hint="Use reset: after.")
    early = early or ("slow_read" if "slow_read" in did else "")
    for key in sorted(match.keys() & {"type", "id"}) if early else ():
        said = f"`{early}` is decided before the events are read, so not by their {key}"
        raise FaultError(_at(where, f"match.{key}"), said, hint="It can be by key and path.")


def _is_early(done: object) -> TypeGuard[Act]:
    if not isinstance(done, Act):
        return False
    return done.leaving is not None and done.leaving.at_head


def _check_opening(did: Mapping[str, object], where: str) -> None:
    given = did.keys()
    timed = [key for key in _LATER if key in given]
    if timed and not given & {"end", "freeze"}:
        hint = "Add freeze, dead_subscriber, reset, kill, clean_end, half_open, bad_chunk or truncate_event."
        raise FaultError(_at(where, timed[0]), "it says when, and nothing says what", hint=hint)
    if len(timed) > 1:
        raise FaultError(where, f"{' and '.join(timed)} exclude each other")
    if {"cr_only", "crlf"} <= given:
        raise FaultError(where, "cr_only and crlf exclude each other")
    _check_refusal(did, where)
    for key in sorted(given & _OF_A_STATUS) if not given & {"status", "redirect"} else ():
        said = f"nothing says which answer `{key}` belongs to"
        raise FaultError(_at(where, key), said, hint="Add a status, such as 429 or 503.")


def _check_refusal(did: Mapping[str, object], where: str) -> None:
    given = did.keys()
    refusal = next((key for key in ("drain", "status", "redirect") if key in given), "")
    idle = given - _BESIDE_REFUSAL if refusal else set()
    if not refusal and "lock_out" in given:
        refusal, idle = "lock_out", given - {"lock_out", "key_rotated"}
    for key in sorted(idle):
        named = _named(key, did)
        said = f"with `{refusal}` there is no stream that `{named}` could be about"
        raise FaultError(_at(where, named), said, hint="Write two faults.")


def _check_hold(did: Mapping[str, object], where: str) -> None:
    """What leaves a stream open beside what is about its end, and about bytes."""
    if {"freeze", "end"} <= did.keys():
        hint = "Write two faults; where both hit a stream, the first in the script counts."
        raise FaultError(where, f"freeze and {did['end']}: a stream has one end", hint=hint)
    lives_on = "freeze" if "freeze" in did else str(did.get("end", ""))
    if "after_bytes" in did and lives_on in ("freeze", End.DEAD):
        said = f"after so many bytes a stream is cut, and with `{lives_on}` it stays"
        raise FaultError(_at(where, "after_bytes"), said, hint="Use after_events or after_time.")


def _check_intake_path(match: Mapping[str, object], where: str) -> None:
    if match.get("path") in PATHS:
        said = f"{match['path']} is a path to Grantex's events, and the fault is Datadog's"
        raise FaultError(_at(where, "match.path"), said, hint="Use on: stream, or leave it out.")
    _check_reached(match, (INTAKE, OLD_INTAKE), "Datadog's intake", where)


def _check_reached(
    match: Mapping[str, object], paths: Sequence[str], whose: str, where: str
) -> None:
    """A path that none of the side's requests has would be waited for in vain."""
    path = str(match.get("path", ""))
    path = PATHS.get(path, path)
    if path and not any(fnmatchcase(each, path) for each in paths):
        said = f"no request to {whose} has the path {path}, so it would never happen"
        hint = f"Its paths are {' and '.join(paths)}."
        raise FaultError(_at(where, "match.path"), said, hint=hint)


def _check_socket(did: Mapping[str, object], match: Mapping[str, object], where: str) -> None:
    path = str(match.get("path", ""))
    path = PATHS.get(path, path)
    if path and fnmatchcase(WEBSOCKET, path) and not fnmatchcase(STREAM, path):
        for key in sorted(did.keys() & LINES):
            said = f"`{key}` is about Server-Sent Events, and {WEBSOCKET} is a WebSocket"
            raise FaultError(_at(where, key), said, hint="Leave `path` out.")


def _check_passing(did: Mapping[str, object], where: str) -> None:
    for key in ("skip", "end"):
        for other in sorted(did.keys() - {key}) if key in did else ():
            named = _named(other, did)
            said = f"with `{_named(key, did)}` there is no event that `{named}` could be about"
            raise FaultError(_at(where, named), said, hint="Write two faults.")


def _named(key: str, did: Mapping[str, object]) -> str:
    """The key as it was written: all ends of a stream are one."""
    return str(did["end"]) if key == "end" else key


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
