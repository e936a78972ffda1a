"""Monitors that Datadog's own client reads whole, and one to change for a case."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest


DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def payloads():
    return json.loads((DATA / "verified-payloads.json").read_text())


@pytest.fixture
def monitor(payloads):
    """The revocation monitor with changes: keys at the top, and ``options`` merged."""

    def build(options=None, **changes):
        obj = copy.deepcopy(payloads["monitor_revocations"])
        obj["options"] |= options or {}
        return obj | changes

    return build


@pytest.fixture
def anomaly(payloads):
    """The anomaly monitor with changes."""

    def build(options=None, **changes):
        obj = copy.deepcopy(payloads["monitor_anomaly"])
        obj["options"] |= options or {}
        return obj | changes

    return build
