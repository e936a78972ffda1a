"""One event of each of the service's 28 types, as measured: which fields an event can have.

``grant.created`` is that of a delegation, which has all the fields of the other and two more.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from grantex_tui.events.event import Event, decode_event


_AT = "2026-01-05T09:00:00.000Z"
_WHO = {"grantId": "grnt_1", "agentId": "ag_1", "principalId": "user_1"}
_TERMS = {"scopes": ["calendar:read"], "expiresAt": _AT}
_DATA: dict[str, dict[str, Any]] = {
    "grant.created": {**_WHO, **_TERMS, "delegationDepth": 1, "parentGrantId": "grnt_0"},
    "grant.revoked": {"grantId": "grnt_1", "cascade": True},
    "token.issued": {"tokenId": "tok_1", **_WHO, **_TERMS},
    "budget.threshold": {"grantId": "grnt_1", "pct": 50, "remaining": "45.0000"},
    "budget.exhausted": {"grantId": "grnt_1", "remaining": "0"},
    "fido.registered": {"principalId": "user_1", "credentialId": "cred_1"},
    "fido.assertion": {"principalId": "user_1", "authRequestId": "areq_1"},
    "vc.issued": {"vcId": "vc_1", "grantId": "grnt_1"},
    "sd-jwt.issued": {"vcId": "vc_1", "grantId": "grnt_1"},
    "sd-jwt.presented": {"presentationId": "pres_1", "vcId": "vc_1"},
    "passport.issued": {
        "passportId": "urn:grantex:passport:1", "agentId": "ag_1", "grantId": "grnt_1",
        "categories": ["inference"],
    },
    "passport.revoked": {"passportId": "urn:grantex:passport:1"},
    "passport.token-exchange": {"grantId": "grnt_1"},
    "sso.login": {
        "connectionId": "sso_1", "protocol": "oidc", "sessionId": "ses_1", "email": "a@example.com",
    },
    "sso.connection.created": {"connectionId": "sso_1", "protocol": "oidc"},
    "sso.connection.updated": {"connectionId": "sso_1"},
    "sso.connection.deleted": {"connectionId": "sso_1"},
    "vault.credential.stored": {
        "credentialId": "vault_1", "principalId": "user_1", "service": "github",
    },
    "vault.credential.deleted": {
        "credentialId": "vault_1", "principalId": "user_1", "service": "github",
    },
    "vault.credential.exchanged": {
        "credentialId": "vault_1", "grantId": "grnt_1", "principalId": "user_1",
        "service": "github",
    },
    "consent_bundle.created": {
        "bundleId": "cb_1", "agentId": "ag_1", "grantId": "grnt_1", "userId": "user_1",
    },
    "consent_bundle.synced": {"bundleId": "cb_1", "accepted": 3},
    "consent_bundle.revoked": {"bundleId": "cb_1", "revokeGrant": True},
    "dpdp.consent.created": {
        "recordId": "crec_1", "grantId": "grnt_1", "dataPrincipalId": "user_1",
    },
    "dpdp.consent.withdrawn": {
        "recordId": "crec_1", "reason": "none", "grantRevoked": True, "dataDeleted": True,
    },
    "dpdp.grievance.filed": {
        "grievanceId": "grv_1", "referenceNumber": "GRV-1", "type": "access",
        "dataPrincipalId": "user_1",
    },
    "dpdp.erasure.completed": {
        "requestId": "er_1", "dataPrincipalId": "user_1", "recordsErased": 1, "grantsRevoked": 1,
    },
    "anomaly.auto_revoked": {"revokedGrants": ["grnt_1"], "anomalyCount": 1},
}  # fmt: skip


@cache
def sample_events() -> tuple[Event, ...]:
    """The events; every field that Grantex is known to send is in one of them."""
    events = []
    for number, (name, data) in enumerate(_DATA.items(), 1):
        payload = {"id": f"evt_{number:04}", "type": name, "createdAt": _AT, "data": data}
        event = decode_event(json.dumps(payload).encode())
        assert isinstance(event, Event)
        events.append(event)
    return tuple(events)
