from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.pipeline.dates import HOUR, in_window, parse_date


NOW = 1_795_490_000_000  # 2026-11-24T03:13:20Z
CREATED = 1_795_488_933_261


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-24T02:55:33.261Z", CREATED),
        ("2026-11-24T02:55:33.261+00:00", CREATED),
        ("2026-11-24T03:55:33.261+01:00", CREATED),
        ("2026-11-24T02:55:33.261", CREATED),
        ("2026-11-24 02:55:33.261", CREATED),
        ("2026-11-24T02:55:33,261Z", CREATED),
        ("2026-11-24T02:55:33.261999999Z", CREATED),
        ("20261124T025533.261Z", CREATED),
        (" 2026-11-24T02:55:33.261Z ", CREATED),
        ("2026-11-24T02:55:33Z", CREATED - 261),
        ("2026-11-24", CREATED - 261 - (2 * 3600 + 55 * 60 + 33) * 1000),
        (CREATED, CREATED),
        (float(CREATED), CREATED),
        (str(CREATED), CREATED),
        ("Nov 24 02:55:33", CREATED - 261),
        ("<34>Nov 24 02:55:33 host su: failed", CREATED - 261),
        ("Nov  1 00:00:00", 1_793_491_200_000),
    ],
)
def test_recognises_iso_8601_epoch_milliseconds_and_rfc_3164(value, expected):
    assert parse_date(value, received_at=NOW) == expected


@pytest.mark.parametrize(
    "value",
    [None, True, [], {}, "", "soon", "24/11/2026", "2026-13-01T00:00:00Z", "2026-11-24T25:00:00Z",
     "Foo 24 02:55:33", "Nov 31 02:55:33", "Nov 24 26:00:00", "12:00", 10**20, "9" * 40, float("inf"),
     "0001-01-01T00:00:00+23:59x", "-", "--1"],
)  # fmt: skip
def test_anything_else_is_no_date(value):
    assert parse_date(value, received_at=NOW) is None


def test_a_date_without_a_year_is_of_the_year_that_brings_it_closest():
    new_year = int(datetime(2027, 1, 1, 0, 5, tzinfo=UTC).timestamp() * 1000)
    assert parse_date("Dec 31 23:59:00", received_at=new_year) == new_year - 360_000
    assert parse_date("Jan  1 00:06:00", received_at=new_year - 600_000) == new_year + 60_000


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - zones are drawn apart
    st.integers(-18 * 60, 18 * 60),
)
def test_every_moment_survives_being_written_as_iso_8601(moment, offset):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert parse_date(aware.isoformat(), received_at=NOW) == expected


@given(st.text(max_size=30) | st.text(alphabet="0123456789-:TZ+. JanFeb", max_size=30))
def test_no_text_raises(text):
    parse_date(text, received_at=NOW)


@pytest.mark.parametrize(
    ("offset", "inside"),
    [
        (-18 * HOUR, True),
        (-18 * HOUR - 1, False),
        (2 * HOUR, True),
        (2 * HOUR + 1, False),
        (0, True),
    ],
)
def test_the_window_is_18_hours_back_and_2_hours_ahead(offset, inside):
    assert in_window(NOW + offset, received_at=NOW) is inside
