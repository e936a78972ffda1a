"""Whom generated events are about: agents, principals, grants and the rest, from one seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from grantex_sim.events.dice import Dice
from grantex_sim.events.instant import Instant, iso
from grantex_sim.names import name_pool


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.names import NamePool

_T = TypeVar("_T")

SCOPES: Final = (
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
_ROOT_LIFE_MS: Final = 86_400_000
_DELEGATED_LIFE_MS: Final = 3_600_000
_ABOUT_TO_EXPIRE_MS: Final = 1_000
_SCOPE_SETS: Final = 24


@dataclass(frozen=True, slots=True)
class Populations:
    """How many there are of what."""

    agents: int = 24
    principals: int = 60
    grants: int = 400
    """Grants, and things of every other kind, that stay in play."""
    scopes: tuple[str, ...] = SCOPES
    hostile: int = 0
    """Of the principals, how many have ids that break careless readers."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Probabilities of what happens to grants."""

    delegated: float = 0.25
    """A new grant is a delegated one."""
    depth: int = 2
    """Deepest delegation."""
    cascades: float = 0.3
    """A revoked grant is one with living descendants, which go with it."""
    exhausted: float = 0.1
    """A budget that runs down does so to its end."""
    token_first: float = 1 / 3
    """`token.issued` comes before its `grant.created`: 33 of 93 on the real service."""


class Pool(Generic[_T]):
    """Things in play; a full pool forgets one for each that comes."""

    def __init__(self, dice: Dice, size: int) -> None:
        self._dice = dice
        self._size = size
        self.members: list[_T] = []

    def __len__(self) -> int:
        return len(self.members)

    def add(self, member: _T) -> _T:
        """Bring *member* into play, and give it back."""
        if len(self.members) < self._size:
            self.members.append(member)
        else:
            self.members[self._dice.below(self._size)] = member
        return member

    def pick(self) -> _T:
        """One of the members, of which there must be some."""
        return self._dice.pick(self.members)

    def drop(self, at: int) -> _T:
        """Take the member at an index out; the last one takes its place."""
        members = self.members
        members[at], members[-1] = members[-1], members[at]
        return members.pop()

    def take(self) -> _T:
        """One of the members, which leaves the pool."""
        return self.drop(self._dice.below(len(self.members)))

    def discard(self, member: _T) -> None:
        """Take *member* out, if it is in."""
        if member in self.members:
            self.drop(self.members.index(member))


@dataclass(slots=True, eq=False)
class Grant:
    """A grant; texts are JSON already."""

    id: str
    agent: str
    principal: str
    scopes: str
    expires: int
    """Milliseconds since the epoch."""
    subject: str
    """``"agentId":…,"principalId":…,"scopes":…,"expiresAt":…``, as events repeat it."""
    depth: int = 0
    parent: str = ""
    alive: bool = True
    children: list[Grant] | None = None
    budget: int = 0
    """In ten-thousandths; 0: nothing has been debited that events tell of."""
    left: int = 0
    stops_at: int = 0
    """What is left when its agent has done its work."""

    def revoke(self) -> None:
        """End it and its descendants."""
        self.alive = False
        for child in self.children or ():
            if child.alive:
                child.revoke()
        self.children = None

    def has_living_children(self, now: int) -> bool:
        """Whether a revocation now would take other grants along."""
        return any(child.alive and child.expires > now for child in self.children or ())


@dataclass(slots=True, eq=False)
class Cast:
    """Whose grants a story is about: everybody's, or those of a few."""

    grants: Pool[Grant]
    agents: tuple[str, ...]
    principals: tuple[str, ...]
    depth: int
    delegated: float
    cascades: float
    least: int = 0
    """Before that many grants are there, a story makes one."""


Credential = tuple[str, str]
"""Id and service."""
Told = tuple[str, str]
"""An event's type and its ``data``."""


class World:
    """Everything that events can be about, as it is now."""

    def __init__(
        self,
        seed: int,
        start_ms: int,
        populations: Populations | None = None,
        habits: Habits | None = None,
        names: NamePool | None = None,
    ) -> None:
        pool = names or name_pool()
        people = populations or Populations()
        self.habits = habits or Habits()
        self.dice = dice = Dice(seed)
        self.tail = dice.tail
        self.now = Instant()
        self.now.move(start_ms)
        self.emails, self.principals = _people(dice, people, pool)
        self.services = pool.services
        self.reasons = tuple(to_json(sentence) for sentence in pool.sentences)
        self.agents = tuple(self.new_id("ag_") for _ in range(people.agents))
        self.scope_sets = tuple(_scope_set(dice, people.scopes) for _ in range(_SCOPE_SETS))
        size = people.grants
        self.everybody = self.cast = Cast(
            Pool(dice, size),
            self.agents,
            self.principals,
            self.habits.depth,
            self.habits.delegated,
            self.habits.cascades,
        )
        self.burning: Pool[Grant] = Pool(dice, size)
        """Grants whose budget is half used, or more."""
        self.credentials: dict[str, list[Credential]] = {}
        """By principal."""
        self.registered: Pool[str] = Pool(dice, size)
        """Principals with a passkey."""
        self.connections: Pool[tuple[str, str]] = Pool(dice, size)
        """Id and protocol."""
        self.bundles: Pool[tuple[str, Grant]] = Pool(dice, size)
        self.consents: Pool[tuple[str, Grant]] = Pool(dice, size)
        self.passports: Pool[str] = Pool(dice, size)
        self.vcs: Pool[str] = Pool(dice, size)
        self.along: list[Told] = []
        """What the same request of the service sends besides the story's own event."""
        self.later: Callable[[int, Callable[[World], Told | None]], None] = lambda _, __: None
        """Lets something happen in so many milliseconds; set by who runs the world."""

    def new_id(self, prefix: str) -> str:
        """A fresh ULID of now behind *prefix*."""
        return f"{prefix}{self.now.ulid}{self.tail()}"

    def a_grant(self) -> Grant | None:
        """One of the cast's grants in force; None when there is none, or not enough."""
        pool = self.cast.grants
        members, random = pool.members, self.dice.random
        if len(members) < self.cast.least:
            return None
        soon = self.now.ms + _ABOUT_TO_EXPIRE_MS
        while members:
            at = int(random() * len(members))
            grant = members[at]
            if grant.alive and grant.expires > soon:
                return grant
            pool.drop(at)
        return None

    def new_grant(self, parent: Grant | None = None) -> Grant:
        """A grant that a person gave, or one that an agent delegated from *parent*."""
        dice, cast = self.dice, self.cast
        agent = dice.pick_skewed(cast.agents)
        if parent is None:
            expires = self.now.ms + _ROOT_LIFE_MS
            principal, scopes = dice.pick(cast.principals), dice.pick(self.scope_sets)
        else:
            expires = min(parent.expires, self.now.ms + _DELEGATED_LIFE_MS)
            principal, scopes = parent.principal, parent.scopes
        subject = (
            f'"agentId":"{agent}","principalId":{principal},"scopes":{scopes},'
            f'"expiresAt":"{iso(expires)}"'
        )
        # By position: by keyword it takes longer.
        grant = Grant(self.new_id("grnt_"), agent, principal, scopes, expires, subject)
        if parent is not None:
            grant.depth = parent.depth + 1
            grant.parent = parent.id
            parent.children = [*(parent.children or ()), grant]
        return cast.grants.add(grant)


def _people(
    dice: Dice, people: Populations, pool: NamePool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Mail addresses and principal ids, as JSON; beyond the pool's size names get a number."""
    first = dice.below(len(pool.users))
    names = []
    for number in range(people.principals):
        again, at = divmod(first + number, len(pool.users))
        names.append(pool.users[at] + (str(again) if number >= len(pool.users) else ""))
    emails = tuple(to_json(f"{name}@{dice.pick(pool.domains)}") for name in names)
    hostile = [pool.hostile[at % len(pool.hostile)] for at in range(people.hostile)]
    ids = hostile + [f"user_{name}" for name in names[len(hostile) :]]
    return emails, tuple(to_json(name) for name in ids)


def _scope_set(dice: Dice, scopes: tuple[str, ...]) -> str:
    first, count = dice.below(len(scopes)), min(len(scopes), 1 + dice.below(4))
    step = 3 if len(scopes) % 3 else 1
    return to_json([scopes[(first + step * at) % len(scopes)] for at in range(count)])


def to_json(value: object) -> str:
    """*value* as ``JSON.stringify`` writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
