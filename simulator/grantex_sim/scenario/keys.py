"""The keys of a scenario file, what each takes and means: read from, documented from."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from grantex_sim.events.world import Habits, Populations
from grantex_sim.scenario.model import Activity, Constant, Curve, Inject, Phase, Ramp
from grantex_sim.scenario.values import (
    DURATION,
    FLAG,
    INSTANT,
    OFFSET,
    TEXT,
    At,
    BadValue,
    Key,
    Kind,
    listed,
    mapping,
    number,
    one_or_more,
    shown,
    whole,
)
from grantex_tui.events.types import EVENT_TYPES


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.scenario.values import Keys

_MOST: Final = 10_000
_FOREVER: Final = 1 << 50
_CURVES: Final = {
    "flat": (1.0,),
    "office": (
        *(0.25, 0.22, 0.2, 0.2, 0.22, 0.3, 0.5, 0.85, 1.4, 1.9, 2.0, 1.9),
        *(1.6, 1.75, 1.9, 1.8, 1.6, 1.3, 0.95, 0.7, 0.55, 0.45, 0.35, 0.3),
    ),
}
_WEEKS: Final = {"flat": (1.0,), "office": (1.1, 1.15, 1.15, 1.1, 1.0, 0.4, 0.35)}


def _make(call: Callable[..., object]) -> Callable[[dict[str, object], At], object]:
    """Keys are named like the fields that they fill."""
    return lambda got, _: call(**got)


def _curve(named: dict[str, tuple[float, ...]], count: int) -> Kind:
    numbers = listed(number(0, 1e6), low=count, high=count)

    def read(value: object, at: At) -> object:
        if isinstance(value, str) and value in named:
            return named[value]
        if not isinstance(value, list):
            raise BadValue(f"{' or '.join(named)}, or a list of {count} numbers")
        found = numbers.read(value, at)
        if isinstance(found, tuple) and len(found) == count and not sum(found):
            raise BadValue("a list with a number over 0")
        return found

    return Kind(
        f"{' or '.join(named)}, or {count} weights",
        read,
        {"anyOf": [{"enum": list(named)}, numbers.schema]},
    )


def _event_type(value: object, _: At) -> object:
    if value in EVENT_TYPES:
        return value
    near = difflib.get_close_matches(str(value), EVENT_TYPES, n=1, cutoff=0.5)
    raise BadValue(f"an event type{f'; did you mean {near[0]}?' if near else ''}")


TYPE: Final = Kind("an event type", _event_type, {"enum": list(EVENT_TYPES)})
_WEIGHT: Final = number(0, 1e9)


def _read_mix(value: object, at: At) -> object:
    if not isinstance(value, dict) or not value:
        raise BadValue("weights by event type, such as {token.issued: 5, grant.created: 1}")
    mix = {}
    for name, weight in value.items():
        place = at.below(str(name))
        try:
            kind = _event_type(name, place)
        except BadValue as error:
            place.wrong(f"{shown(name)} is not {error}")
            continue
        try:
            mix[kind] = _WEIGHT.read(weight, place)
        except BadValue as error:
            place.wrong(f"{shown(weight)} is not {error}")
    if mix and not any(mix.values()):
        raise BadValue("weights of which one is over 0")
    return {name: weight for name, weight in mix.items() if weight}


MIX: Final = Kind(
    "weights by event type",
    _read_mix,
    {
        "type": "object",
        "propertyNames": TYPE.schema,
        "additionalProperties": {"type": "number", "minimum": 0},
        "minProperties": 1,
    },
)

POPULATIONS: Final[Keys] = {
    "agents": Key(whole(1, _MOST), "Agents; the first ones do most (24)."),
    "principals": Key(whole(1, _MOST), "People who give grants (60)."),
    "grants": Key(whole(1, 100_000), "Grants, and things of every other kind, in play (400)."),
    "scopes": Key(listed(TEXT, low=1, high=100), "Scopes, of which a grant has one to four."),
    "hostile": Key(
        whole(0, _MOST),
        "Of the people, how many have ids with control characters, line separators and markup, "
        "which the real service passes on (0).",
    ),
}
_SHARE: Final = number(0, 1)
HABITS: Final[Keys] = {
    "delegated": Key(_SHARE, "Share of new grants that are delegated from another (0.25)."),
    "depth": Key(whole(0, 20), "Deepest delegation (2)."),
    "cascades": Key(_SHARE, "Share of revocations that take descendants along (0.3)."),
    "exhausted": Key(_SHARE, "Share of budgets that run down to their end (0.1)."),
    "token_first": Key(_SHARE, "How often a token comes before its grant (a third)."),
}
RAMP: Final[Keys] = {
    "from": Key(number(), "Events a second at the beginning.", required=True),
    "to": Key(number(), "Events a second at the end.", required=True),
}
RATE: Final[Keys] = {
    "ramp": Key(
        mapping("a ramp", RAMP, lambda got, _: (got["from"], got["to"])),
        "In a straight line from one number to another over the phase.",
    ),
    "mean": Key(number(), "Events a second on average over a whole week, with a curve."),
    "daily": Key(_curve(_CURVES, 24), "Weights of the 24 hours (UTC), or office or flat."),
    "weekly": Key(_curve(_WEEKS, 7), "Weights of the days, Monday first, or office or flat."),
}


def _make_rate(got: dict[str, object], at: At) -> object:
    if "ramp" in got and len(got) == 1:
        make: Callable[..., object] = Ramp
        return make(*got["ramp"]) if isinstance(got["ramp"], tuple) else None
    if "mean" in got and "ramp" not in got:
        curve: Callable[..., object] = Curve
        return curve(**got)
    at.wrong("a rate is a number, a ramp, or a mean with daily and weekly weights")
    return None


_RATES: Final = mapping("a rate", RATE, _make_rate)


def _read_rate(value: object, at: At) -> object:
    if isinstance(value, dict):
        return _RATES.read(value, at)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(
            "a number of events a second, {ramp: {from: 1, to: 9}}, or {mean: 2, daily: office}"
        )
    found = number().read(value, at)
    return Constant(found) if isinstance(found, float) else None


INJECT: Final[Keys] = {
    "type": Key(TYPE, "The event type; or a mix."),
    "mix": Key(MIX, "Several, by weight."),
    "count": Key(whole(1, 10_000_000), "So many in the span, spread over it."),
    "rate": Key(number(), "Or so many a second."),
    "agents": Key(whole(1, _MOST), "About grants of so many agents only."),
    "principals": Key(whole(1, _MOST), "About grants of so many people only."),
    "grants": Key(whole(1, _MOST), "About so many grants only."),
    "depth": Key(whole(1, 20), "Grants are delegated from each other down to this depth."),
    "cascade": Key(_SHARE, "Share of revocations that take descendants along."),
}


def _make_inject(got: dict[str, object], at: At) -> object:
    if ("type" in got) == ("mix" in got):
        at.wrong("events need either a type or a mix")
        return None
    if ("count" in got) == ("rate" in got):
        at.wrong("events need either a count or a rate")
        return None
    kind = got.pop("type", None)
    make: Callable[..., object] = Inject
    return make(**(got if kind is None else {**got, "mix": {kind: 1.0}}))


INJECTED: Final = mapping("events to inject", INJECT, _make_inject)
_EVERY: Final = Key(DURATION, "Again after so long, until the end.")
BURST: Final[Keys] = {
    "every": _EVERY,
    "after": Key(OFFSET, "How long after the beginning of the phase the first one comes (0s)."),
    "over": Key(DURATION, "How long it takes.", required=True),
    **INJECT,
}
SILENCE: Final[Keys] = {
    "every": _EVERY,
    "after": Key(OFFSET, "How long after the beginning of the phase the first one comes (0s)."),
    "for": Key(DURATION, "How long it takes.", required=True),
}


def _spell(got: dict[str, object], length: str, at: At) -> tuple[int, int, int | None] | None:
    after, every, over = got.pop("after", 0), got.pop("every", None), got.pop(length)
    if not isinstance(after, int) or not isinstance(over, int):
        at.below("after").wrong("in a phase it is a duration")
        return None
    if isinstance(every, int) and every < over:
        at.below("every").wrong(f"it is shorter than {length}")
        return None
    return after, after + over, every if isinstance(every, int) else None


def _make_burst(got: dict[str, object], at: At) -> object:
    spell = _spell(got, "over", at)
    inject = _make_inject(got, at)
    if spell is None or not isinstance(inject, Inject):
        return None
    start, end, every = spell
    return Activity("burst", start, end, (inject,), every=every)


def _make_silence(got: dict[str, object], at: At) -> object:
    spell = _spell(got, "for", at)
    return Activity("silence", *spell[:2], silence=True, every=spell[2]) if spell else None


_SILENCES: Final = one_or_more(mapping("a silence", SILENCE, _make_silence))


def _read_silence(value: object, at: At) -> object:
    return value if isinstance(value, bool) else _SILENCES.read(value, at)


PHASE: Final[Keys] = {
    "for": Key(DURATION, "How long; the last phase may go without: to the end."),
    "rate": Key(
        Kind(
            "a number, or a rate",
            _read_rate,
            {"anyOf": [number().schema, _RATES.schema]},
        ),
        "Events a second: `5`, `{ramp: {from: 1, to: 9}}`, `{mean: 2, daily: office}`.",
    ),
    "poisson": Key(FLAG, "At random moments instead of evenly spaced (false)."),
    "mix": Key(MIX, "How often each type begins a story; by default all 28 on a lively day."),
    "burst": Key(
        one_or_more(mapping("a burst", BURST, _make_burst)), "Events on top, now and then."
    ),
    "silence": Key(
        Kind(
            "true, a silence, or a list", _read_silence, {"anyOf": [FLAG.schema, _SILENCES.schema]}
        ),
        "Nothing at all: the whole phase, or now and then.",
    ),
}


def _make_phase(got: dict[str, object], at: At) -> object:
    silence = got.get("silence")
    if "rate" not in got and silence is not True:
        at.wrong("a phase needs a rate, or silence: true")
        return None
    bursts, lasts = got.get("burst", ()), got.get("for")
    silences = silence if isinstance(silence, tuple) else ()
    if silence is True:
        end = lasts if isinstance(lasts, int) else _FOREVER
        silences = (Activity("silence", 0, end, silence=True),)
    make: Callable[..., object] = Phase
    known = {key: got[key] for key in ("mix", "poisson") if key in got}
    return make(
        duration=lasts,
        rate=Constant(0.0) if silence is True else got["rate"],
        activities=(*(bursts if isinstance(bursts, tuple) else ()), *silences),
        **known,
    )


ACTIVITY: Final[Keys] = {
    "from": Key(OFFSET, "When it begins.", required=True),
    "to": Key(OFFSET, "When it is over; or for."),
    "for": Key(DURATION, "How long it takes."),
    "inject": Key(one_or_more(INJECTED), "Events on top of the ordinary ones."),
    "silence": Key(FLAG, "No event at all."),
}
INCIDENT: Final[Keys] = {
    "label": Key(TEXT, "Its name, for expectations and reports.", required=True),
    **ACTIVITY,
}
INNOCENT: Final[Keys] = {
    "label": Key(TEXT, "Its name, for readers."),
    **ACTIVITY,
    "every": _EVERY,
}


def _read_fault(value: object, at: At) -> object:
    from grantex_sim.faults import FaultError, parse_faults

    if not isinstance(value, dict | str):
        raise BadValue("a fault (on, when, do)")
    try:
        return parse_faults([value])[0]
    except FaultError as error:
        place = At(at.where + error.where.removeprefix("[0]"), at.problems)
        place.wrong(f"{error.said}. {error.hint}" if error.hint else error.said)
        return None


def _read_locale(value: object, _: At) -> object:
    from grantex_sim.names.local import locales

    if not isinstance(value, str) or value not in locales():
        near = difflib.get_close_matches(str(value), sorted(locales()), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise BadValue(f"a locale that Faker knows, such as de_DE or ja_JP{meant}")
    return value


def _spans(name: str, keys: Keys) -> Kind:
    """Incidents or activities, with instants as they are written: the start is not known yet."""
    return listed(mapping(name, keys, lambda got, at: {**got, "_where": at.where}))


TOP: Final[Keys] = {
    "name": Key(TEXT, "Its name; by default the file's."),
    "description": Key(TEXT, "One line for lists."),
    "seed": Key(whole(0, (1 << 63) - 1), "The same seed, the same bytes (1)."),
    "start": Key(INSTANT, "When it begins (2026-01-05T00:00:00Z, a Monday)."),
    "duration": Key(
        DURATION,
        "How long; by default the sum of the phases. A longer one begins again with the first.",
    ),
    "locale": Key(
        Kind("a locale", _read_locale, {"type": "string", "pattern": "^[a-z]{2,3}(_[A-Z]{2})?$"}),
        "Where people, companies and services have their names from, such as de_DE; drawn from "
        "Faker by the seed. Without it they are the same for all.",
    ),
    "populations": Key(
        mapping("populations", POPULATIONS, _make(Populations)), "How many there are of what."
    ),
    "story": Key(mapping("probabilities", HABITS, _make(Habits)), "What happens to grants."),
    "phases": Key(
        listed(mapping("a phase", PHASE, _make_phase), low=1), "One after the other.", required=True
    ),
    "incidents": Key(_spans("an incident", INCIDENT), "What monitors should find."),
    "activity": Key(
        _spans("an activity", INNOCENT), "What is special and yet harmless: it is not labelled."
    ),
    "faults": Key(
        listed(Kind("a fault (on, when, do)", _read_fault, {"type": "object"})),
        "What goes wrong while it is served; see the simulator's faults.",
    ),
}
