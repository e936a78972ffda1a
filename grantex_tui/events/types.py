"""The 28 event types that the Grantex service emits, in its own order."""

from __future__ import annotations


EVENT_TYPES: tuple[str, ...] = (
    "grant.created",
    "grant.revoked",
    "token.issued",
    "budget.threshold",
    "budget.exhausted",
    "fido.registered",
    "fido.assertion",
    "vc.issued",
    "sd-jwt.issued",
    "sd-jwt.presented",
    "passport.issued",
    "passport.revoked",
    "passport.token-exchange",
    "sso.login",
    "sso.connection.created",
    "sso.connection.updated",
    "sso.connection.deleted",
    "vault.credential.stored",
    "vault.credential.deleted",
    "vault.credential.exchanged",
    "consent_bundle.created",
    "consent_bundle.synced",
    "consent_bundle.revoked",
    "dpdp.consent.created",
    "dpdp.consent.withdrawn",
    "dpdp.grievance.filed",
    "dpdp.erasure.completed",
    "anomaly.auto_revoked",
)
