"""Instants in the forms that Datadog's search takes."""

from __future__ import annotations

import pytest

from grantex_sim.datadog_api.instants import parse_instant


NOW = 1_772_452_800_000


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("now", NOW),
        ("now-15m", NOW - 900_000),
        ("now+2h", NOW + 7_200_000),
        ("now-1d+30s", NOW - 86_370_000),
        ("now-1w", NOW - 604_800_000),
        (" now-500ms ", NOW - 500),
        ("1772452800123", 1_772_452_800_123),
        (1_772_452_800_123, 1_772_452_800_123),
        ("2026-03-02T12:00:00Z", NOW),
        ("2026-03-02T12:00:00", NOW),
        ("2026-03-02T12:00:00.250+00:00", NOW + 250),
        ("2026-03-02T14:00:00+02:00", NOW),
        ("2026-03-02", NOW - 43_200_000),
    ],
)
def test_an_instant_is_read(value, instant):
    assert parse_instant(value, NOW) == instant


@pytest.mark.parametrize(
    "value", ["", "later", "now-", "now-5", "now-5x", "15m", "-1", True, 1.5, None, [], "²"]
)
def test_anything_else_is_refused(value):
    with pytest.raises(ValueError, match="instant"):
        parse_instant(value, NOW)
