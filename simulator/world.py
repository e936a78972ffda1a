"""Whom generated events are about: agents, principals, grants and the rest, from one seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Final, Generic, TypeVar


if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(a + b for a in _CROCKFORD for b in _CROCKFORD)
"""Every text of two base 32 digits: a lookup for ten bits."""
_AGENTS: Final = 24
_PRINCIPALS: Final = 60
_KEPT: Final = 400
"""Things of each kind that stay in play."""
_SCOPES: Final = (
    "calendar:read",
    "calendar:write",
    "contacts:read",
    "email:send",
    "files:read",
    "github:read",
    "github:write",
    "payments:initiate",
    "payments:mpp:compute",
    "payments:mpp:inference",
    "slack:post",
)


def _ulid_start(ms: int) -> str:
    """The ten digits of a ULID that tell its time."""
    pairs = _PAIRS
    return (
        f"{pairs[ms >> 40]}{pairs[ms >> 30 & 1023]}{pairs[ms >> 20 & 1023]}"
        f"{pairs[ms >> 10 & 1023]}{pairs[ms & 1023]}"
    )


@lru_cache(maxsize=256)
def _second_text(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.")


class Dice:
    """Seeded chance.

    Only `Random.random` and `Random.getrandbits` are drawn on: Python keeps their sequences,
    while ``choice``, ``shuffle`` and others have changed between versions.
    """

    def __init__(self, seed: int) -> None:
        random = Random(seed)  # noqa: S311 - reproducible on purpose
        self.random = random.random
        self._bits = random.getrandbits

    def below(self, count: int) -> int:
        """A whole number from 0 to *count* - 1."""
        return int(self.random() * count)

    def pick(self, values: Sequence[_T]) -> _T:
        """One of *values*."""
        return values[int(self.random() * len(values))]

    def pick_skewed(self, values: Sequence[_T]) -> _T:
        """One of *values*, the early ones much more often than the late ones."""
        return values[int(self.random() ** 3 * len(values))]

    def tail(self) -> str:
        """The 16 random digits of a ULID."""
        bits, pairs = self._bits, _PAIRS
        a, b, c = bits(30), bits(30), bits(20)  # small numbers shift faster than one of 80 bits
        return (
            f"{pairs[a >> 20]}{pairs[a >> 10 & 1023]}{pairs[a & 1023]}"
            f"{pairs[b >> 20]}{pairs[b >> 10 & 1023]}{pairs[b & 1023]}"
            f"{pairs[c >> 10]}{pairs[c & 1023]}"
        )


class Instant:
    """One moment as events show it; made anew only when the millisecond changes."""

    def __init__(self) -> None:
        self.ms = -1
        self.text = ""
        """ISO 8601, UTC, milliseconds."""
        self.ulid = ""
        """The ten digits with which a ULID of this moment begins."""
        self._second = -1
        self._prefix = ""

    def move(self, epoch_ms: int) -> None:
        """Be at *epoch_ms* milliseconds since the epoch."""
        if epoch_ms == self.ms:
            return
        second, milli = divmod(epoch_ms, 1000)
        if second != self._second:
            self._second = second
            self._prefix = _second_text(second)
        self.ms = epoch_ms
        self.text = f"{self._prefix}{milli:03d}Z"
        self.ulid = _ulid_start(epoch_ms)

    def later(self, seconds: int) -> str:
        """The moment *seconds* from now, as text."""
        return _second_text(self._second + seconds) + self.text[-4:]


class Pool(Generic[_T]):
    """Things in play; a full pool forgets one for each that comes."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._members: list[_T] = []

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: _T) -> _T:
        """Bring *member* into play, and give it back."""
        if len(self._members) < _KEPT:
            self._members.append(member)
        else:
            self._members[self._dice.below(_KEPT)] = member
        return member

    def pick(self) -> _T:
        """One of the members, of which there must be some."""
        return self._dice.pick(self._members)

    def take(self) -> _T:
        """One of the members, which leaves the pool."""
        members = self._members
        at = self._dice.below(len(members))
        members[at], members[-1] = members[-1], members[at]
        return members.pop()


@dataclass(slots=True, eq=False)
class Grant:
    """A grant in play; texts are JSON already."""

    id: str
    subject: str
    """``"agentId":…,"principalId":…,"scopes":…,"expiresAt":…``, as events repeat it."""
    agent: str
    principal: str
    scopes: str
    depth: int = 0
    spent: float = 0.0
    """Part of the budget that is used up."""


@dataclass(frozen=True, slots=True)
class Names:
    """Free texts, each as JSON, quotes included."""

    principals: tuple[str, ...]
    emails: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(slots=True)
class World:
    """Everything that events can be about."""

    dice: Dice
    now: Instant
    names: Names
    agents: tuple[str, ...]
    scope_sets: tuple[str, ...]
    grants: Pool[Grant]
    connections: Pool[str]
    credentials: Pool[tuple[str, str, str]]
    """Id, principal, service."""
    bundles: Pool[str]
    consents: Pool[str]
    passports: Pool[str]
    vcs: Pool[str]

    def new_id(self, prefix: str) -> str:
        """A fresh ULID of now behind *prefix*."""
        return prefix + self.now.ulid + self.dice.tail()


def draw_names(seed: int) -> Names:
    """Names from Faker's pools (importing it and drawing takes 0.25 s, so once, beforehand).

    They are as stable as the installed Faker's; everything else depends on the seed alone.
    """
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(seed)
    names = [fake.unique.user_name() for _ in range(_PRINCIPALS)]
    return Names(
        principals=tuple(_json(f"user_{name}") for name in names),
        emails=tuple(_json(f"{name}@{fake.safe_domain_name()}") for name in names),
        reasons=tuple(_json(fake.sentence(5)) for _ in range(20)),
    )


def populate(names: Names, seed: int, epoch_ms: int) -> World:
    """A world at its beginning."""
    dice = Dice(seed)
    now = Instant()
    now.move(epoch_ms)
    return World(
        dice=dice,
        now=now,
        names=names,
        agents=tuple(f"ag_{now.ulid}{dice.tail()}" for _ in range(_AGENTS)),
        scope_sets=tuple(_scopes(dice) for _ in range(24)),
        grants=Pool(dice),
        connections=Pool(dice),
        credentials=Pool(dice),
        bundles=Pool(dice),
        consents=Pool(dice),
        passports=Pool(dice),
        vcs=Pool(dice),
    )


def _scopes(dice: Dice) -> str:
    first, count = dice.below(len(_SCOPES)), 1 + dice.below(4)
    return _json([_SCOPES[(first + 3 * step) % len(_SCOPES)] for step in range(count)])


def _json(value: object) -> str:
    """*value* as ``JSON.stringify`` writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
