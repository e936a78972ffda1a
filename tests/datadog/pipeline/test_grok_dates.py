from __future__ import annotations

import pytest

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.pipeline.grok.dates import DatePattern
from grantex_tui.datadog.pipeline.grok.errors import GrokError


NOW = 1_795_490_000_000  # 2026-11-24


@pytest.mark.parametrize(
    ("text", "pattern", "zone", "expected"),
    [
        ("14:20:15", "HH:mm:ss", "", 51615000),
        ("02:20:15 PM", "hh:mm:ss a", "", 51615000),
        ("12:00:00 AM", "hh:mm:ss a", "", 0),
        ("12:00:00 pm", "hh:mm:ss a", "", 43200000),
        ("11/10/2014", "dd/MM/yyyy", "", 1412985600000),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "", 1466065743000),
        ("Tue Nov 1 08:29:03 2016", "EEE MMM d HH:mm:ss yyyy", "", 1477988943000),
        ("06/Mar/2013:01:36:30 +0900", "dd/MMM/yyyy:HH:mm:ss Z", "", 1362501390000),
        ("2016-11-29T16:21:36.431+0000", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "", 1480436496431),
        ("2016-11-29T16:21:36.431+00:00", "yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "", 1480436496431),
        ("2016-09-02T15:02:29.648Z", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "", 1472828549648),
        ("2016-09-02T15:02:29.648Z", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "", 1472828549648),
        ("06/Feb/2009:12:14:14.655", "dd/MMM/yyyy:HH:mm:ss.SSS", "", 1233922454655),
        ("2007-08-31 19:22:22.427 ADT", "yyyy-MM-dd HH:mm:ss.SSS z", "", 1188598942427),
        (
            "2007-08-31 19:22:22.427 America/Thule",
            "yyyy-MM-dd HH:mm:ss.SSS zzzz",
            "",
            1188598942427,
        ),
        ("2007-08-31 19:22:22.427 -03:00", "yyyy-MM-dd HH:mm:ss.SSS Z", "", 1188598942427),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "Europe/Paris", 1466058543000),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "UTC+5", 1466047743000),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "+3", 1466054943000),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "+03:00", 1466054943000),
        ("Thu Jun 16 08:29:03 2016", "EEE MMM dd HH:mm:ss yyyy", "-0300", 1466076543000),
        ("Nov 16 2020 13:41:29 GMT", "MMM d y HH:mm:ss z", "", 1605534089000),
        ("2019-11-25 11:21:32.6282", "yyyy-MM-dd HH:mm:ss.SSSS", "", 1574680892628),
        ("171113 14:14:20", "yyMMdd HH:mm:ss", "", 1510582460000),
        ("5/6/18 19:40:59 GMT", "M/d/yy HH:mm:ss z", "", 1525635659000),
        ("11/16/18 19:40:59,123456789 GMT", "M/d/yy HH:mm:ss,SSSSSSSSS z", "", 1542397259123),
        ("November 16 2020", "MMMM d yyyy", "", 1605484800000),
        ("2020-321", "yyyy-DDD", "", 1605484800000),
        ("24/11 03:00:00", "d/M HH:mm:ss", "", 1795489200000),
        ("328 03:00:00", "D HH:mm:ss", "", 1795489200000),
        ("at 5 o'clock", "'at' H 'o''clock'", "", 18000000),
    ],
)
def test_parses_javas_patterns(text, pattern, zone, expected):
    assert DatePattern(pattern, zone).parse(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("31/02/2020", "dd/MM/yyyy"),
        ("25:00", "HH:mm"),
        ("1/2/2020", "dd/MM/yyyy"),
        ("12:00 Nowhere", "HH:mm z"),
    ],
)
def test_refuses_what_is_no_such_date(text, pattern):
    with pytest.raises(ValueError):
        DatePattern(pattern).parse(text, NOW)


@pytest.mark.parametrize(
    ("arrival", "text", "date"),
    [
        ("2027-01-01T00:10:00Z", "Dec 31 23:59", "2026-12-31T23:59:00Z"),
        ("2026-12-31T23:50:00Z", "Jan 01 00:05", "2027-01-01T00:05:00Z"),
        ("2026-07-01T00:00:00Z", "Jan 01 00:00", "2026-01-01T00:00:00Z"),
        ("2026-07-10T00:00:00Z", "Jan 01 00:00", "2027-01-01T00:00:00Z"),
        ("2027-01-15T00:00:00Z", "Feb 29 00:00", "2028-02-29T00:00:00Z"),
        ("2028-01-15T00:00:00Z", "Feb 29 00:00", "2028-02-29T00:00:00Z"),
        ("2029-01-15T00:00:00Z", "Feb 29 00:00", "2028-02-29T00:00:00Z"),
        ("1970-01-01T00:00:00Z", "Dec 31 00:00", "1969-12-31T00:00:00Z"),
    ],
)
def test_a_date_without_a_year_is_the_closest_to_its_arrival(arrival, text, date):
    pattern, now = DatePattern("MMM dd HH:mm"), int(parse_rfc3339(arrival) * 1000)
    assert pattern.parse(text, now) == int(parse_rfc3339(date) * 1000)


def test_zones_reach_eighteen_hours():
    assert DatePattern("HH", "+18").parse("18", NOW) == 0
    with pytest.raises(GrokError):
        DatePattern("HH", "+18:01")


@pytest.mark.parametrize("zone", ["Nowhere", "UTC+25", "../../etc/passwd", "+", ""])
def test_refuses_unknown_zones(zone):
    if zone:
        with pytest.raises(GrokError, match="is no timezone"):
            DatePattern("HH", zone)
    else:
        assert DatePattern("HH", zone).parse("01", NOW) == 3_600_000
