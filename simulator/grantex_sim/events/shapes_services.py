"""The ``data`` of events about people and services: passkeys, sign-on, vault, consent, erasure.

As in `shapes`: one function a story. Several of them revoke grants without a `grant.revoked`, as
the real service does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.events.shapes import exchange


if TYPE_CHECKING:
    from grantex_sim.events.world import Grant, Told, World

_GRIEVANCES: Final = ("data-misuse", "consent-violation", "delayed-erasure", "other")


def fido_registered(world: World) -> Told:
    """A person registers a passkey."""
    principal = world.registered.add(world.dice.pick(world.cast.principals))
    data = f'{{"principalId":{principal},"credentialId":"{world.new_id("cred_")}"}}'
    return "fido.registered", data


def fido_assertion(world: World) -> Told:
    """A person confirms with a passkey."""
    if not world.registered:
        return fido_registered(world)
    principal = world.registered.pick()
    data = f'{{"principalId":{principal},"authRequestId":"{world.new_id("areq_")}"}}'
    return "fido.assertion", data


def sso_connection_created(world: World) -> Told:
    """An administrator sets up a sign-on connection."""
    protocol = "oidc" if world.dice.random() < 0.7 else "ldap"
    connection, _ = world.connections.add((world.new_id("sso_"), protocol))
    data = f'{{"connectionId":"{connection}","protocol":"{protocol}"}}'
    return "sso.connection.created", data


def sso_login(world: World) -> Told:
    """Somebody signs on; LDAP tells no mail address, OIDC not always."""
    if not world.connections:
        return sso_connection_created(world)
    connection, protocol = world.connections.pick()
    told = protocol == "oidc" and world.dice.random() < 0.8
    email = world.dice.pick(world.emails) if told else "null"
    return (
        "sso.login",
        (
            f'{{"connectionId":"{connection}","protocol":"{protocol}",'
            f'"sessionId":"{world.new_id("ssosess_")}","email":{email}}}'
        ),
    )


def sso_connection_updated(world: World) -> Told:
    """An administrator changes a connection."""
    if not world.connections:
        return sso_connection_created(world)
    return "sso.connection.updated", f'{{"connectionId":"{world.connections.pick()[0]}"}}'


def sso_connection_deleted(world: World) -> Told:
    """An administrator removes a connection."""
    if not world.connections:
        return sso_connection_created(world)
    return "sso.connection.deleted", f'{{"connectionId":"{world.connections.take()[0]}"}}'


def _store(world: World, principal: str) -> Told:
    credential, service = world.new_id("vault_"), world.dice.pick(world.services)
    world.credentials.setdefault(principal, []).append((credential, service))
    return (
        "vault.credential.stored",
        f'{{"credentialId":"{credential}","principalId":{principal},"service":"{service}"}}',
    )


def vault_stored(world: World) -> Told:
    """A person puts a credential into the vault."""
    return _store(world, world.dice.pick(world.cast.principals))


def vault_deleted(world: World) -> Told:
    """A person takes a credential out."""
    principal = world.dice.pick(world.cast.principals)
    held = world.credentials.get(principal)
    if not held:
        return _store(world, principal)
    credential, service = held.pop(world.dice.below(len(held)))
    return (
        "vault.credential.deleted",
        f'{{"credentialId":"{credential}","principalId":{principal},"service":"{service}"}}',
    )


def vault_exchanged(world: World) -> Told:
    """An agent takes a credential of the person whose grant it has."""
    grant = world.a_grant()
    if grant is None:
        return exchange(world)[1]
    held = world.credentials.get(grant.principal)
    if not held:
        return _store(world, grant.principal)
    credential, service = world.dice.pick(held)
    return (
        "vault.credential.exchanged",
        (
            f'{{"credentialId":"{credential}","grantId":"{grant.id}",'
            f'"principalId":{grant.principal},"service":"{service}"}}'
        ),
    )


def bundle_created(world: World) -> Told:
    """A consent bundle, which makes a grant without a `grant.created`."""
    grant = world.new_grant()
    bundle, _ = world.bundles.add((world.new_id("bundle_"), grant))
    return (
        "consent_bundle.created",
        (
            f'{{"bundleId":"{bundle}","agentId":"{grant.agent}",'
            f'"grantId":"{grant.id}","userId":{grant.principal}}}'
        ),
    )


def bundle_synced(world: World) -> Told:
    """A device reports what it did offline."""
    if not world.bundles:
        return bundle_created(world)
    accepted = 1 + world.dice.below(9)
    bundle = world.bundles.pick()[0]
    return "consent_bundle.synced", f'{{"bundleId":"{bundle}","accepted":{accepted}}}'


def bundle_revoked(world: World) -> Told:
    """A bundle ends, in half of the cases with its grant; the event does not name that."""
    if not world.bundles:
        return bundle_created(world)
    bundle, grant = world.bundles.take()
    revoke = world.dice.random() < 0.5
    if revoke:
        _end(world, grant)
    said = "true" if revoke else "false"
    return "consent_bundle.revoked", f'{{"bundleId":"{bundle}","revokeGrant":{said}}}'


def _end(world: World, grant: Grant) -> None:
    grant.revoke()
    world.everybody.grants.discard(grant)


def consent_created(world: World) -> Told:
    """A consent is recorded for a grant."""
    grant = world.a_grant()
    if grant is None:
        return exchange(world)[1]
    record, _ = world.consents.add((world.new_id("crec_"), grant))
    return (
        "dpdp.consent.created",
        f'{{"recordId":"{record}","grantId":"{grant.id}","dataPrincipalId":{grant.principal}}}',
    )


def consent_withdrawn(world: World) -> Told:
    """A person withdraws a consent, in half of the cases with its grant."""
    if not world.consents:
        return consent_created(world)
    record, grant = world.consents.take()
    reason = world.dice.pick(world.reasons)
    revoke = grant.alive and world.dice.random() < 0.5
    if revoke:
        _end(world, grant)
    said = "true" if revoke else "false"
    return (
        "dpdp.consent.withdrawn",
        f'{{"recordId":"{record}","reason":{reason},"grantRevoked":{said},"dataDeleted":false}}',
    )


def grievance_filed(world: World) -> Told:
    """A person complains; ``data.type`` is a second, different type."""
    number = world.new_id(f"GRV-{world.now.text[:4]}-")
    return (
        "dpdp.grievance.filed",
        (
            f'{{"grievanceId":"{world.new_id("grv_")}","referenceNumber":"{number}",'
            f'"type":"{world.dice.pick(_GRIEVANCES)}",'
            f'"dataPrincipalId":{world.dice.pick(world.cast.principals)}}}'
        ),
    )


def erasure_completed(world: World) -> Told:
    """A person's records are erased and their grants end; both counts are of records."""
    if not world.consents:
        return consent_created(world)
    principal = world.consents.pick()[1].principal
    members = world.consents.members
    found = [at for at in range(len(members)) if members[at][1].principal == principal]
    for at in reversed(found):
        _end(world, world.consents.drop(at)[1])
    count = len(found)
    return (
        "dpdp.erasure.completed",
        (
            f'{{"requestId":"{world.new_id(f"ER-{world.now.text[:4]}-")}",'
            f'"dataPrincipalId":{principal},"recordsErased":{count},"grantsRevoked":{count}}}'
        ),
    )


def auto_revoked(world: World) -> Told:
    """Anomaly detection revokes grants, and names them."""
    drawn = (world.a_grant() for _ in range(1 + world.dice.below(3)))
    grants = list(dict.fromkeys(grant for grant in drawn if grant))
    if not grants:
        return exchange(world)[1]
    # A descendant of another one of them is named as well: all were in force when it began.
    for grant in grants:
        _end(world, grant)
    named = ",".join(f'"{grant.id}"' for grant in grants)
    count = len(grants) + world.dice.below(3)
    return "anomaly.auto_revoked", f'{{"revokedGrants":[{named}],"anomalyCount":{count}}}'
