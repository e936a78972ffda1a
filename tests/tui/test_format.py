from __future__ import annotations

import pytest

from grantex_tui.tui.drawing import format as shown


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (shown.short_count, 0, "0"),
        (shown.short_count, 999, "999"),
        (shown.short_count, 1000, "1.0k"),
        (shown.short_count, 99_940, "99.9k"),
        (shown.short_count, 99_960, "100k"),
        (shown.short_count, 999_600, "1.0M"),
        (shown.short_count, 4_500_000, "4.5M"),
        (shown.rate, 0.2, "0.2"),
        (shown.rate, 1234.4, "1,234"),
        (shown.measure, 12.0, "12"),
        (shown.measure, 0.12345, "0.123"),
        (shown.measure, 123_456.0, "123k"),
        (shown.size, 812, "812 B"),
        (shown.size, 12_345, "12.3 kB"),
        (shown.size, 999_960, "1.0 MB"),
        (shown.span, 751, "00:12:31"),
        (shown.span, 3 * 86_400 + 14_412, "3d 04:00:12"),
        (shown.span, -5, "00:00:00"),
        (shown.countdown, 3.2, "4 s"),
        (shown.countdown, 252, "04:12"),
        (shown.countdown, -1, "0 s"),
        (shown.brief, 0.048, "48 ms"),
        (shown.brief, 3.24, "3.2 s"),
        (shown.brief, 725, "12 min"),
        (shown.age, 59.9, "59 s"),
        (shown.age, 7200, "2 h"),
        (shown.age, 200_000, "2 d"),
        (shown.long_age, 59, "<1 min"),
        (shown.ordinal, 1, "1st"),
        (shown.ordinal, 2, "2nd"),
        (shown.ordinal, 11, "11th"),
        (shown.ordinal, 23, "23rd"),
        (shown.bucket_width, 15, "15 s"),
        (shown.bucket_width, 300, "5 min"),
    ],
)
def test_numbers_read_at_a_glance(function, value, text):
    assert function(value) == text


def test_a_count_never_takes_more_than_five_cells():
    assert max(len(shown.short_count(10**n * k)) for n in range(14) for k in (1, 9.99, 5)) <= 5
