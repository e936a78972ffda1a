"""A transition to render messages for, with changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.message import MessageContext, render


LOG = Log(
    message="token issued",
    attributes={
        "data": {"grantId": "grnt_1", "scopes": ["a", "b"]},
        "x.y": "dotted",
        "n": 3,
        "on": True,
    },
    tags=("env:prod", "team:b", "team:a"),
    timestamp=1_600_000_000_000,
    service="grantex",
    source="grantex",
)
CONTEXT = MessageContext(
    source_state="OK",
    destination_state="Alert",
    kind="Triggered",
    at=1_600_000_300.0,
    value=51.0,
    group=(("env", "prod"), ("@grantex.agent_id", "ag_1")),
    threshold=50.0,
    warn_threshold=10.0,
    comparator=">",
    first_triggered_at=1_600_000_000.0,
    last_triggered_at=1_600_000_240.0,
    priority=3,
    log=LOG,
    log_link="https://app.datadoghq.com/logs?query=x&live=false",
)


@pytest.fixture
def context():
    """Builds a context; the states may be given in short: ``context("Alert", "OK")``."""

    def build(source="OK", destination="Alert", **changes):
        return replace(CONTEXT, source_state=source, destination_state=destination, **changes)

    return build


@pytest.fixture
def body(context):
    """The body of a template, rendered for a context with changes."""

    def build(template, *states, **changes):
        return render(template, context(*states, **changes)).body

    return build
