"""The ``data`` of events about grants, tokens, budgets and what hangs on them.

Each function tells one story: it takes the world, changes it, and gives the event's type and data
with the real service's fields in their order. What the service sends in the same request lies in
`World.along` afterwards, what follows later is asked of `World.later`. Where a story has nobody to
be about, it begins with how there comes to be somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.events.world import Grant, Told, World

    Story = Callable[[World], Told | None]

_UNIT: Final = 10_000
"""Budgets are told with four decimals."""
_BUDGETS: Final = (10, 50, 100, 250)


def created(grant: Grant) -> Told:
    """How a grant's beginning is told."""
    if not grant.parent:
        return "grant.created", f'{{"grantId":"{grant.id}",{grant.subject}}}'
    return (
        "grant.created",
        (
            f'{{"grantId":"{grant.id}",{grant.subject},"delegationDepth":{grant.depth},'
            f'"parentGrantId":"{grant.parent}"}}'
        ),
    )


def token(world: World, grant: Grant) -> Told:
    """A token for *grant*."""
    return (
        "token.issued",
        f'{{"tokenId":"tok_{world.now.ulid}{world.tail()}","grantId":"{grant.id}",{grant.subject}}}',
    )


def exchange(world: World, parent: Grant | None = None) -> tuple[Grant, Told]:
    """A new grant and its first token, which comes first in a third of the cases."""
    grant = world.new_grant(parent)
    first, second = created(grant), token(world, grant)
    if world.dice.random() < world.habits.token_first:
        first, second = second, first
    world.along.append(second)
    return grant, first


def _delegable(world: World, depth: int) -> Grant | None:
    """The deepest of a few grants that may still delegate."""
    found = [grant for _ in range(4) if (grant := world.a_grant()) and grant.depth < depth]
    return max(found, key=lambda grant: grant.depth, default=None)


def grant_created(world: World) -> Told:
    """An authorization by a person, or a delegation by an agent."""
    cast = world.cast
    if world.dice.random() < cast.delegated and (parent := _delegable(world, cast.depth)):
        return exchange(world, parent)[1]
    return exchange(world)[1]


def token_issued(world: World) -> Told:
    """A token is refreshed."""
    grant = world.a_grant()
    return token(world, grant) if grant else exchange(world)[1]


def _revocable(world: World, *, with_children: bool) -> Grant | None:
    """A grant in force with descendants, or without; of a dozen that are looked at."""
    now = world.now.ms
    for _ in range(12):
        grant = world.a_grant()
        if grant is None:
            return None
        if grant.has_living_children(now) == with_children:
            return grant
    return None


def grant_revoked(world: World) -> Told:
    """A grant is revoked; its descendants go with it, without events of their own."""
    wanted = world.dice.random() < world.cast.cascades
    grant = _revocable(world, with_children=wanted)
    if grant is None:
        return exchange(world, _delegable(world, world.cast.depth) if wanted else None)[1]
    return revoked(world, grant)


def revoked(world: World, grant: Grant) -> Told:
    """*grant* and its descendants end."""
    # Expired descendants have nothing left to revoke.
    alive = grant.has_living_children(world.now.ms)
    grant.revoke()
    world.cast.grants.discard(grant)
    cascade = "true" if alive else "false"
    return "grant.revoked", f'{{"grantId":"{grant.id}","cascade":{cascade}}}'


def _begin_budget(world: World, grant: Grant) -> None:
    """The debits so far, of which nothing was told: a little more than half."""
    dice = world.dice
    grant.budget = dice.pick(_BUDGETS) * _UNIT
    grant.left = grant.budget * (400 + dice.below(101)) // 1000
    ends = dice.random() < world.habits.exhausted
    grant.stops_at = 0 if ends else grant.left * (50 + dice.below(850)) // 1000
    world.burning.add(grant)


def _threshold(grant: Grant) -> Told:
    pct = 80 if grant.left * 5 <= grant.budget else 50
    left = f"{grant.left // _UNIT}.{grant.left % _UNIT:04d}"
    return "budget.threshold", f'{{"grantId":"{grant.id}","pct":{pct},"remaining":"{left}"}}'


def _exhaust(grant: Grant) -> Told:
    grant.left = 0
    return "budget.exhausted", f'{{"grantId":"{grant.id}","remaining":"0"}}'


def _burning(world: World) -> int | None:
    """Where in the pool stands one whose budget runs down."""
    burning, soon = world.burning, world.now.ms + 1_000
    while burning.members:
        at = world.dice.below(len(burning.members))
        grant = burning.members[at]
        if grant.alive and grant.expires > soon:
            return at
        burning.drop(at)
    return None


def budget_threshold(world: World) -> Told:
    """A debit from a budget that is half used: told every time, not only when it crosses."""
    at = _burning(world) if world.dice.random() < 0.8 else None
    if at is not None:
        return _debit(world, at)
    grant = _unspent(world)
    if grant is None:
        return exchange(world)[1]
    _begin_budget(world, grant)
    return _threshold(grant)


def _unspent(world: World) -> Grant | None:
    for _ in range(8):
        grant = world.a_grant()
        if grant is None or not grant.budget:
            return grant
    return None


def _debit(world: World, at: int) -> Told:
    burning = world.burning
    grant = burning.members[at]
    left = grant.left - grant.budget * (20 + world.dice.below(100)) // 1000
    if left <= grant.stops_at:
        burning.drop(at)
        if grant.stops_at == 0:
            return _exhaust(grant)
        left = grant.stops_at
    grant.left = left
    return _threshold(grant)


def budget_exhausted(world: World) -> Told:
    """A budget is used up, within a minute: 50, 80 with repeats, and the end."""
    grant = _unspent(world)
    if grant is None:
        return exchange(world)[1]
    dice = world.dice
    grant.budget = dice.pick(_BUDGETS) * _UNIT
    grant.left = grant.budget * (400 + dice.below(101)) // 1000

    def again(world: World) -> Told | None:
        if not grant.alive or grant.expires <= world.now.ms:
            return None
        left = grant.left - grant.budget * (60 + world.dice.below(120)) // 1000
        if left <= 0:
            return _exhaust(grant)
        grant.left = left
        world.later(2_000 + world.dice.below(10_000), again)
        return _threshold(grant)

    world.later(2_000 + dice.below(10_000), again)
    return _threshold(grant)


def _with_exchange(world: World, kind: str, data: str, first: Told) -> Told:
    """An event that the exchange of *first* brings along, somewhere among the two."""
    world.along.insert(world.dice.below(2), (kind, data))
    return first


def vc_issued(world: World) -> Told:
    """An exchange that also issues a verifiable credential."""
    grant, first = exchange(world)
    vc = world.new_id("vc_")
    return _with_exchange(world, "vc.issued", f'{{"vcId":"{vc}","grantId":"{grant.id}"}}', first)


def sd_jwt_issued(world: World) -> Told:
    """The same as an SD-JWT."""
    grant, first = exchange(world)
    vc = world.vcs.add(world.new_id("vc_"))
    data = f'{{"vcId":"{vc}","grantId":"{grant.id}"}}'
    return _with_exchange(world, "sd-jwt.issued", data, first)


def sd_jwt_presented(world: World) -> Told:
    """Somebody verifies an SD-JWT."""
    if not world.vcs:
        return sd_jwt_issued(world)
    presentation = world.new_id("pres_")
    data = f'{{"presentationId":"{presentation}","vcId":"{world.vcs.pick()}"}}'
    return "sd-jwt.presented", data


def _passport(world: World, grant: Grant) -> Told:
    passport = world.passports.add(world.new_id("urn:grantex:passport:"))
    return (
        "passport.issued",
        (
            f'{{"passportId":"{passport}","agentId":"{grant.agent}",'
            f'"grantId":"{grant.id}","categories":["inference","compute"]}}'
        ),
    )


def passport_issued(world: World) -> Told:
    """A passport for an agent."""
    grant = world.a_grant()
    return _passport(world, grant) if grant else exchange(world)[1]


def passport_revoked(world: World) -> Told:
    """A passport is revoked."""
    if not world.passports:
        return passport_issued(world)
    return "passport.revoked", f'{{"passportId":"{world.passports.take()}"}}'


def passport_token_exchange(world: World) -> Told:
    """An exchange for a passport, which follows."""
    grant, first = exchange(world)

    def passport(world: World) -> Told | None:
        return _passport(world, grant) if grant.alive else None

    world.later(20 + world.dice.below(20), passport)
    data = f'{{"grantId":"{grant.id}"}}'
    return _with_exchange(world, "passport.token-exchange", data, first)
