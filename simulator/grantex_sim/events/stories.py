"""How each of the 28 event types begins a story."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from grantex_sim.events import shapes, shapes_services
from grantex_tui.events.types import EVENT_TYPES


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.events.shapes import Story

_STORIES: Final[tuple[Story, ...]] = (
    shapes.grant_created,
    shapes.grant_revoked,
    shapes.token_issued,
    shapes.budget_threshold,
    shapes.budget_exhausted,
    shapes_services.fido_registered,
    shapes_services.fido_assertion,
    shapes.vc_issued,
    shapes.sd_jwt_issued,
    shapes.sd_jwt_presented,
    shapes.passport_issued,
    shapes.passport_revoked,
    shapes.passport_token_exchange,
    shapes_services.sso_login,
    shapes_services.sso_connection_created,
    shapes_services.sso_connection_updated,
    shapes_services.sso_connection_deleted,
    shapes_services.vault_stored,
    shapes_services.vault_deleted,
    shapes_services.vault_exchanged,
    shapes_services.bundle_created,
    shapes_services.bundle_synced,
    shapes_services.bundle_revoked,
    shapes_services.consent_created,
    shapes_services.consent_withdrawn,
    shapes_services.grievance_filed,
    shapes_services.erasure_completed,
    shapes_services.auto_revoked,
)
STORIES: Final[Mapping[str, Story]] = dict(zip(EVENT_TYPES, _STORIES, strict=True))
"""Type → the story that begins with it."""
MIX: Final[Mapping[str, float]] = {
    **dict.fromkeys(EVENT_TYPES, 1.0),
    "token.issued": 48.0,
    "grant.created": 16.0,
    "grant.revoked": 6.0,
    "budget.threshold": 6.0,
    "budget.exhausted": 1.5,
    "vault.credential.exchanged": 6.0,
    "sso.login": 4.0,
    "fido.assertion": 3.0,
    "vc.issued": 3.0,
    "anomaly.auto_revoked": 0.3,
    "dpdp.erasure.completed": 0.3,
}
"""Relative frequency of each type on a lively day, as first events of stories."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Stories by weight, made ready for drawing: ``stories[bisect(bounds, random() * total)]``."""

    stories: tuple[Story, ...]
    bounds: list[float]
    total: float


def mixed(weights: Mapping[str, float]) -> Mix:
    """The stories of some event types by weight."""
    bounds = list(accumulate(weights.values()))
    return Mix(tuple(STORIES[name] for name in weights), bounds[:-1], bounds[-1])
