from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.status import SYSLOG, normalise_status


@pytest.mark.parametrize(
    ("level", "status"),
    [
        *enumerate(SYSLOG),
        ("0", "emergency"), ("7", "debug"), ("8", "info"), (8, "info"), (-1, "info"), (True, "info"), (3.0, "info"),
        ("emerg", "emergency"), ("FATAL", "emergency"), ("f", "emergency"), ("Alert", "alert"), ("crit", "critical"),
        ("ERROR", "error"), ("err", "error"), ("event", "info"), ("Warning", "warn"), ("notice", "notice"),
        ("Information", "info"), ("debug", "debug"), ("trace", "debug"), ("verbose", "debug"),
        ("OK", "ok"), ("Success", "ok"), (" warn ", "warn"), ("unknown", "info"), ("", "info"), (None, "info"), ([], "info"),
    ],
)  # fmt: skip
def test_levels_map_by_number_or_beginning(level, status):
    assert normalise_status(level) == status


@given(st.text())
def test_every_text_has_a_status_and_a_status_stays_itself(text):
    assert normalise_status(normalise_status(text)) == normalise_status(text)
