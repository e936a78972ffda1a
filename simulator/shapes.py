"""The ``data`` of each of the 28 event types, with the real service's fields in its order.

Each function takes the world, may change it, and gives the JSON text. Events tell a story as far
as one event can: tokens belong to grants that exist, budgets run down, revoked grants are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_tui.events.types import EVENT_TYPES
from simulator.world import Grant


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.world import World

    Shape = Callable[[World], str]

_BUDGET: Final = 100.0
_SERVICES: Final = ("github", "slack", "stripe", "google", "notion")
_GRIEVANCES: Final = ("data-misuse", "consent-violation", "delayed-erasure", "other")
_FEW: Final = 20
"""With fewer grants in play none is revoked: a stream without grants has nothing to tell."""


def _new_grant(world: World, parent: Grant | None = None) -> Grant:
    agent = world.dice.pick_skewed(world.agents)
    principal = parent.principal if parent else world.dice.pick(world.names.principals)
    scopes = parent.scopes if parent else world.dice.pick(world.scope_sets)
    expires = world.now.later(3_600 if parent else 86_400)
    grant = Grant(
        id=world.new_id("grnt_"),
        subject=f'"agentId":"{agent}","principalId":{principal},"scopes":{scopes},'
        f'"expiresAt":"{expires}"',
        agent=agent,
        principal=principal,
        scopes=scopes,
        depth=parent.depth + 1 if parent else 0,
    )
    return world.grants.add(grant)


def _a_grant(world: World) -> Grant:
    return world.grants.pick() if world.grants else _new_grant(world)


def _grant_created(world: World) -> str:
    parent = _a_grant(world) if world.dice.random() < 0.25 else None
    if parent is None or parent.depth >= 3:
        grant = _new_grant(world)
        return f'{{"grantId":"{grant.id}",{grant.subject}}}'
    grant = _new_grant(world, parent)
    return (
        f'{{"grantId":"{grant.id}",{grant.subject},"delegationDepth":{grant.depth},'
        f'"parentGrantId":"{parent.id}"}}'
    )


def _grant_revoked(world: World) -> str:
    grant = world.grants.take() if len(world.grants) > _FEW else _a_grant(world)
    cascade = "true" if world.dice.random() < 0.3 else "false"
    return f'{{"grantId":"{grant.id}","cascade":{cascade}}}'


def _token_issued(world: World) -> str:
    grant = _a_grant(world)
    return f'{{"tokenId":"{world.new_id("tok_")}","grantId":"{grant.id}",{grant.subject}}}'


def _budget_threshold(world: World) -> str:
    grant = _a_grant(world)
    if not 0.5 <= grant.spent < 0.97:
        grant.spent = 0.5
    grant.spent = min(0.99, grant.spent + 0.3 * world.dice.random())
    pct = 80 if grant.spent >= 0.8 else 50
    return f'{{"grantId":"{grant.id}","pct":{pct},"remaining":"{_BUDGET * (1 - grant.spent):.4f}"}}'


def _budget_exhausted(world: World) -> str:
    grant = _a_grant(world)
    grant.spent = 1.0
    return f'{{"grantId":"{grant.id}","remaining":"0"}}'


def _fido_registered(world: World) -> str:
    principal = world.dice.pick(world.names.principals)
    return f'{{"principalId":{principal},"credentialId":"{world.new_id("cred_")}"}}'


def _fido_assertion(world: World) -> str:
    principal = world.dice.pick(world.names.principals)
    return f'{{"principalId":{principal},"authRequestId":"{world.new_id("areq_")}"}}'


def _vc_issued(world: World) -> str:
    vc = world.vcs.add(world.new_id("vc_"))
    return f'{{"vcId":"{vc}","grantId":"{_a_grant(world).id}"}}'


def _sd_jwt_presented(world: World) -> str:
    vc = world.vcs.pick() if world.vcs else world.new_id("vc_")
    return f'{{"presentationId":"{world.new_id("pres_")}","vcId":"{vc}"}}'


def _passport_issued(world: World) -> str:
    grant = _a_grant(world)
    passport = world.passports.add(world.new_id("urn:grantex:passport:"))
    return (
        f'{{"passportId":"{passport}","agentId":"{grant.agent}",'
        f'"grantId":"{grant.id}","categories":["inference","compute"]}}'
    )


def _passport_revoked(world: World) -> str:
    known = world.passports
    passport = known.take() if known else world.new_id("urn:grantex:passport:")
    return f'{{"passportId":"{passport}"}}'


def _passport_token_exchange(world: World) -> str:
    return f'{{"grantId":"{_a_grant(world).id}"}}'


def _a_connection(world: World) -> str:
    return world.connections.pick() if world.connections else world.new_id("sso_")


def _sso_login(world: World) -> str:
    protocol = "oidc" if world.dice.random() < 0.7 else "ldap"
    email = world.dice.pick(world.names.emails) if protocol == "oidc" else "null"
    return (
        f'{{"connectionId":"{_a_connection(world)}","protocol":"{protocol}",'
        f'"sessionId":"{world.new_id("ssosess_")}","email":{email}}}'
    )


def _sso_connection_created(world: World) -> str:
    connection = world.connections.add(world.new_id("sso_"))
    protocol = "oidc" if world.dice.random() < 0.7 else "ldap"
    return f'{{"connectionId":"{connection}","protocol":"{protocol}"}}'


def _sso_connection_updated(world: World) -> str:
    return f'{{"connectionId":"{_a_connection(world)}"}}'


def _sso_connection_deleted(world: World) -> str:
    connection = world.connections.take() if world.connections else world.new_id("sso_")
    return f'{{"connectionId":"{connection}"}}'


def _a_credential(world: World) -> tuple[str, str, str]:
    return world.credentials.pick() if world.credentials else _new_credential(world)


def _new_credential(world: World) -> tuple[str, str, str]:
    principal, service = world.dice.pick(world.names.principals), world.dice.pick(_SERVICES)
    return world.credentials.add((world.new_id("vault_"), principal, service))


def _vault_stored(world: World) -> str:
    credential, principal, service = _new_credential(world)
    return f'{{"credentialId":"{credential}","principalId":{principal},"service":"{service}"}}'


def _vault_deleted(world: World) -> str:
    known = world.credentials
    credential, principal, service = known.take() if known else _new_credential(world)
    return f'{{"credentialId":"{credential}","principalId":{principal},"service":"{service}"}}'


def _vault_exchanged(world: World) -> str:
    credential, principal, service = _a_credential(world)
    return (
        f'{{"credentialId":"{credential}","grantId":"{_a_grant(world).id}",'
        f'"principalId":{principal},"service":"{service}"}}'
    )


def _bundle_created(world: World) -> str:
    grant = _new_grant(world)
    bundle = world.bundles.add(world.new_id("bundle_"))
    return (
        f'{{"bundleId":"{bundle}","agentId":"{grant.agent}",'
        f'"grantId":"{grant.id}","userId":{grant.principal}}}'
    )


def _a_bundle(world: World) -> str:
    return world.bundles.pick() if world.bundles else world.new_id("bundle_")


def _bundle_synced(world: World) -> str:
    return f'{{"bundleId":"{_a_bundle(world)}","accepted":{1 + world.dice.below(9)}}}'


def _bundle_revoked(world: World) -> str:
    revoke = "true" if world.dice.random() < 0.5 else "false"
    return f'{{"bundleId":"{_a_bundle(world)}","revokeGrant":{revoke}}}'


def _consent_created(world: World) -> str:
    record = world.consents.add(world.new_id("crec_"))
    grant = _a_grant(world)
    return f'{{"recordId":"{record}","grantId":"{grant.id}","dataPrincipalId":{grant.principal}}}'


def _consent_withdrawn(world: World) -> str:
    record = world.consents.pick() if world.consents else world.new_id("crec_")
    reason = world.dice.pick(world.names.reasons)
    revoked = "true" if world.dice.random() < 0.5 else "false"
    return (
        f'{{"recordId":"{record}","reason":{reason},"grantRevoked":{revoked},"dataDeleted":false}}'
    )


def _grievance_filed(world: World) -> str:
    year = world.now.text[:4]
    return (
        f'{{"grievanceId":"{world.new_id("grv_")}","referenceNumber":'
        f'"{world.new_id(f"GRV-{year}-")}","type":"{world.dice.pick(_GRIEVANCES)}",'
        f'"dataPrincipalId":{world.dice.pick(world.names.principals)}}}'
    )


def _erasure_completed(world: World) -> str:
    records = 1 + world.dice.below(4)
    request = world.new_id(f"ER-{world.now.text[:4]}-")
    return (
        f'{{"requestId":"{request}","dataPrincipalId":{world.dice.pick(world.names.principals)},'
        f'"recordsErased":{records},"grantsRevoked":{records}}}'
    )


def _auto_revoked(world: World) -> str:
    count = 1 + world.dice.below(3)
    ids = [_a_grant(world).id for _ in range(count)]
    revoked = ",".join(f'"{grant}"' for grant in dict.fromkeys(ids))
    return f'{{"revokedGrants":[{revoked}],"anomalyCount":{count + world.dice.below(3)}}}'


_SHAPES: Final[tuple[Shape, ...]] = (
    _grant_created,
    _grant_revoked,
    _token_issued,
    _budget_threshold,
    _budget_exhausted,
    _fido_registered,
    _fido_assertion,
    _vc_issued,
    _vc_issued,
    _sd_jwt_presented,
    _passport_issued,
    _passport_revoked,
    _passport_token_exchange,
    _sso_login,
    _sso_connection_created,
    _sso_connection_updated,
    _sso_connection_deleted,
    _vault_stored,
    _vault_deleted,
    _vault_exchanged,
    _bundle_created,
    _bundle_synced,
    _bundle_revoked,
    _consent_created,
    _consent_withdrawn,
    _grievance_filed,
    _erasure_completed,
    _auto_revoked,
)
SHAPES: Final[Mapping[str, Shape]] = dict(zip(EVENT_TYPES, _SHAPES, strict=True))
"""Type -> what its ``data`` looks like."""
