from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantex_tui.clock import parse_rfc3339


class StoryChecker:
    """Reads a stream as a stranger would and notes what can't have happened.

    It knows the service's rules and nothing of how events are generated.
    """

    def __init__(self):
        self.wrong = []
        self.grants = {}
        self.announced = {}
        self.children = {}
        self.revoked = set()
        self.budgets = {}
        self.bundles = {}
        self.records = {}
        self.credentials = {}
        self.known: dict[str, set[str]] = {
            "passport": set(),
            "connection": set(),
            "vc": set(),
            "passkey": set(),
        }
        self.ids = set()
        self.number = 0
        self.created = 0.0

    def note(self, event, said):
        self.wrong.append(f"event {self.number} {event['type']}: {said}")

    def check(self, payloads):
        for payload in payloads:
            event = json.loads(payload)
            self.number += 1
            self.created = parse_rfc3339(event["createdAt"])
            self.envelope(event)
            handler = "on_" + event["type"].replace(".", "_").replace("-", "_")
            getattr(self, handler, self.on_other)(event, event["data"])
            if "grantId" in event["data"] and event["type"] != "grant.revoked":
                self.in_force(event, event["data"]["grantId"])
        for grant, (number, kind) in self.announced.items():
            if self.number - number > 2:
                self.wrong.append(f"event {number} {kind}: {grant} was never created")
        return self.wrong

    def envelope(self, event):
        if list(event) != ["id", "type", "createdAt", "data"]:
            self.note(event, "another envelope")
        if event["id"] in self.ids:
            self.note(event, "an id that was there before")
        self.ids.add(event["id"])

    def in_force(self, event, grant):
        if grant not in self.grants:
            self.note(event, f"unknown {grant}")
        elif grant in self.revoked:
            self.note(event, f"revoked {grant}")
        elif self.grants[grant].get("expires", 9e99) < self.created:
            self.note(event, f"expired {grant}")

    def principal(self, grant):
        return self.grants.get(grant, {}).get("principalId")

    def living(self, grant):
        found = []
        for child in self.children.get(grant, ()):
            if child not in self.revoked:
                if self.grants[child]["expires"] > self.created + 0.2:
                    found.append(child)
                found += self.living(child)
        return found

    def revoke(self, grant):
        self.revoked.add(grant)
        for child in self.children.get(grant, ()):
            if child not in self.revoked:
                self.revoke(child)

    def on_other(self, event, data):
        pass

    def on_grant_created(self, event, data):
        grant, parent = data["grantId"], data.get("parentGrantId")
        if grant in self.grants and grant not in self.announced:
            self.note(event, "created twice")
        self.announced.pop(grant, None)
        self.subject(event, data)
        self.grants[grant]["depth"] = data.get("delegationDepth", 0)
        if parent is None:
            return
        self.in_force(event, parent)
        above = self.grants.get(parent, {"depth": 0, "principalId": None, "expires": 0})
        self.children.setdefault(parent, []).append(grant)
        if data["delegationDepth"] != above["depth"] + 1:
            self.note(event, "a depth that is not one more than its parent's")
        if data["principalId"] != above["principalId"]:
            self.note(event, "another principal than its parent's")
        if self.grants[grant]["expires"] > above["expires"]:
            self.note(event, "it outlives its parent")

    def subject(self, event, data):
        said = {key: data[key] for key in ("agentId", "principalId", "scopes", "expiresAt")}
        before = self.grants.setdefault(
            data["grantId"], {**said, "expires": parse_rfc3339(data["expiresAt"]), "depth": 0}
        )
        if "expiresAt" in before and {key: before[key] for key in said} != said:
            self.note(event, "it says otherwise than its grant")

    def on_token_issued(self, event, data):
        if data["grantId"] not in self.grants:
            self.announced[data["grantId"]] = (self.number, "token.issued")
        self.subject(event, data)

    def on_grant_revoked(self, event, data):
        grant = data["grantId"]
        self.in_force(event, grant)
        if data["cascade"] and not (set(self.children.get(grant, ())) - self.revoked):
            self.note(event, "a cascade over nothing")
        if not data["cascade"] and self.living(grant):
            self.note(event, "descendants in force, and no cascade")
        self.revoke(grant)

    def on_budget_threshold(self, event, data):
        pct, left = data["pct"], float(data["remaining"])
        before_pct, before_left = self.budgets.get(data["grantId"], (50, 9e9))
        if pct not in (50, 80) or pct < before_pct:
            self.note(event, f"{pct} % after {before_pct} %")
        if not 0 < left < before_left:
            self.note(event, f"{left} left after {before_left}")
        self.budgets[data["grantId"]] = (pct, left)

    def on_budget_exhausted(self, event, data):
        if self.budgets.get(data["grantId"], (0, 0))[0] != 80:
            self.note(event, "exhausted without 80 % before")
        if data["remaining"] != "0":
            self.note(event, "something is left")
        self.budgets[data["grantId"]] = (100, 0.0)

    def on_consent_bundle_created(self, event, data):
        self.bundles[data["bundleId"]] = data["grantId"]
        self.grants[data["grantId"]] = {
            "agentId": data["agentId"],
            "principalId": data["userId"],
            "depth": 0,
            "expires": self.created + 86_400,
        }

    def on_consent_bundle_synced(self, event, data):
        if data["bundleId"] not in self.bundles:
            self.note(event, "unknown bundle")

    def on_consent_bundle_revoked(self, event, data):
        grant = self.bundles.pop(data["bundleId"], None)
        if grant is None:
            self.note(event, "unknown bundle")
        elif data["revokeGrant"]:
            self.revoke(grant)

    def on_dpdp_consent_created(self, event, data):
        self.records[data["recordId"]] = data["grantId"]
        if data["dataPrincipalId"] != self.principal(data["grantId"]):
            self.note(event, "another principal")

    def on_dpdp_consent_withdrawn(self, event, data):
        grant = self.records.pop(data["recordId"], None)
        if grant is None:
            self.note(event, "unknown record")
        elif data["grantRevoked"]:
            self.revoke(grant)

    def on_dpdp_erasure_completed(self, event, data):
        theirs = [
            record
            for record, grant in self.records.items()
            if self.principal(grant) == data["dataPrincipalId"]
        ]
        if data["recordsErased"] > len(theirs) or data["recordsErased"] < 1:
            self.note(event, "more records than there were")
        if data["recordsErased"] == len(theirs):  # else old records may have been forgotten
            for record in theirs:
                self.revoke(self.records.pop(record))

    def on_anomaly_auto_revoked(self, event, data):
        for grant in data["revokedGrants"]:
            self.in_force(event, grant)
        for grant in data["revokedGrants"]:
            self.revoke(grant)
        if data["anomalyCount"] < len(data["revokedGrants"]):
            self.note(event, "fewer anomalies than grants")

    def on_passport_issued(self, event, data):
        self.known["passport"].add(data["passportId"])

    def on_passport_revoked(self, event, data):
        if data["passportId"] not in self.known["passport"]:
            self.note(event, "unknown passport, or revoked twice")
        self.known["passport"].discard(data["passportId"])

    def on_sd_jwt_issued(self, event, data):
        self.known["vc"].add(data["vcId"])

    def on_sd_jwt_presented(self, event, data):
        if data["vcId"] not in self.known["vc"]:
            self.note(event, "unknown credential")

    def on_fido_registered(self, event, data):
        self.known["passkey"].add(data["principalId"])

    def on_fido_assertion(self, event, data):
        if data["principalId"] not in self.known["passkey"]:
            self.note(event, "no passkey")

    def on_sso_connection_created(self, event, data):
        self.known["connection"].add(data["connectionId"])

    def on_sso_connection_deleted(self, event, data):
        self.on_sso_connection_updated(event, data)
        self.known["connection"].discard(data["connectionId"])

    def on_sso_connection_updated(self, event, data):
        if data["connectionId"] not in self.known["connection"]:
            self.note(event, "unknown connection")

    def on_sso_login(self, event, data):
        self.on_sso_connection_updated(event, data)
        if data["protocol"] == "ldap" and data["email"] is not None:
            self.note(event, "LDAP tells no mail address")

    def on_vault_credential_stored(self, event, data):
        self.credentials[data["credentialId"]] = (data["principalId"], data["service"])

    def on_vault_credential_deleted(self, event, data):
        if self.credentials.pop(data["credentialId"], None) != (
            data["principalId"],
            data["service"],
        ):
            self.note(event, "unknown credential")

    def on_vault_credential_exchanged(self, event, data):
        if self.credentials.get(data["credentialId"]) != (data["principalId"], data["service"]):
            self.note(event, "unknown credential")
        if self.principal(data["grantId"]) != data["principalId"]:
            self.note(event, "another person's grant")


@pytest.fixture
def impossible():
    """What in a list of payloads can't have happened, one line each."""
    return lambda payloads: StoryChecker().check(payloads)


@pytest.fixture
def documentation():
    return Path(__file__).parents[3] / "docs"
