"""The mock Datadog beyond its intake: what was accepted can be searched, counted and alerted on."""

from __future__ import annotations

from grantex_sim.datadog_api.api import DatadogApi


__all__ = ["DatadogApi"]
