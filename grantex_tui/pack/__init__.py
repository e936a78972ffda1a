"""Data: the monitors, pipeline, log metric and dashboard that a Grantex user starts with.

Every text is Datadog's own API JSON, ready for ``curl`` or Terraform; the loaders for it are in
`grantex_tui.datadog`.
"""

from __future__ import annotations


MONITORS = (
    "revocations",
    "budget-exhausted",
    "heartbeat",
    "token-anomaly",
    "delegation-depth",
    "cascade-revocations",
    "vault-exchange-burst",
    "anomaly-auto-revoked",
    "consent-withdrawals",
)
"""The guide's four, then five more; the order in which they are shown."""


def monitor_texts() -> list[tuple[str, str]]:
    """Name and JSON text of every monitor."""
    return [(name, _text(f"monitors/{name}.json")) for name in MONITORS]


def pipeline_text() -> str:
    """The JSON text of the log pipeline that the monitors' facets come from."""
    return _text("pipeline.json")


def metric_text() -> str:
    """The JSON text of the log-based metric ``grantex.events``, which ``token-anomaly`` needs."""
    return _text("metric.json")


def dashboard_text() -> str:
    """The JSON text of the guide's dashboard, of five widgets, on the pipeline's facets."""
    return _text("dashboard.json")


def _text(name: str) -> str:
    from importlib.resources import files

    return (files(__name__) / name).read_text(encoding="utf-8")
