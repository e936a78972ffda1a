"""What a rehearsal is exact about, what it approximates, and what nobody outside Datadog knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.definitions import approximations


if TYPE_CHECKING:
    from grantex_tui.rehearsal.model import DeliveryModel
    from grantex_tui.rehearsal.plan import RehearsalPlan


def approximations_of(plan: RehearsalPlan, delivery: DeliveryModel) -> list[str]:
    """What a pass can't know or only approximates, one sentence each."""
    del delivery
    return approximations(plan.monitors, plan.pipelines)
