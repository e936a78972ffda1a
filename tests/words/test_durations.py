from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339
from grantex_tui.errors import InvalidFileError
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.check import mistakes
from grantex_tui.rehearsal.spec.read import read_spec
from grantex_tui.rehearsal.spec.schema import spec_schema
from grantex_tui.rehearsal.spec.toml import read_toml
from grantex_tui.words.durations import (
    DURATION,
    INSTANT,
    OFFSET,
    Moment,
    Range,
    both_texts,
    duration_text,
    instant_text,
    offset_text,
    parse_duration,
    parse_moment,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (0, 0), (90, 90), (1.5, 1.5), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5h", 5400),
        ("2d", 172_800), ("1w", 604_800), ("250ms", 0.25), ("1m1s500ms", 61.5),
    ],
)  # fmt: skip
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "5  m",
        "-5m",
        "5m1",
        "5m!",
        "1e3",
        "٥m",
        None,
        True,
        -1,
        1e400,
        10**400,
        float("nan"),
        "5M",
        "1:30",
        "5minutes",
        "+5m",
    ],
)
def test_what_is_no_duration(text):
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (-0.0001, "0s"), (59.5, "59.5s"), (60, "1m"), (160, "2m40s"), (86_400, "1d"),
        (108_000, "1d6h"), (-90, "-1m30s"), (0.001, "0.001s"), (59.9999, "1m"),
    ],
)  # fmt: skip
def test_durations_are_written_short(seconds, text):
    assert duration_text(seconds) == text


@given(st.integers(0, 10**12))
def test_a_duration_is_read_as_it_was_written(milliseconds):
    text = duration_text(milliseconds / 1000)
    assert re.fullmatch(DURATION, text)
    assert parse_duration(text) == pytest.approx(milliseconds / 1000)
    assert re.fullmatch(OFFSET, offset_text(milliseconds / 1000))


@given(st.integers(0, 4 * 10**12))
def test_an_instant_is_read_as_it_was_written(milliseconds):
    text = instant_text(milliseconds / 1000)
    assert re.fullmatch(INSTANT, text)
    assert parse_moment(text).seconds == pytest.approx(milliseconds / 1000, abs=0.0011)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("+2h10m", Moment(7800, relative=True)),
        ("-5m", Moment(-300, relative=True)),
        ("2026-01-05T09:00:00Z", Moment(1_767_603_600, relative=False)),
        ("2026-01-05T10:00:00+01:00", Moment(1_767_603_600, relative=False)),
        ("2026-01-05T09:00", Moment(1_767_603_600, relative=False)),
        ("2026-01-05", Moment(1_767_571_200, relative=False)),
    ],
)
def test_moments(text, moment):
    assert parse_moment(text) == moment
    assert moment.on(1000.0) == moment.seconds + (1000 if moment.relative else 0)


@given(st.from_regex(INSTANT, fullmatch=True))
def test_what_looks_like_an_instant_is_one_or_is_refused(text):
    try:
        assert parse_moment(text).seconds == parse_rfc3339(text)
    except (ValueError, OverflowError):
        with pytest.raises((ValueError, OverflowError)):
            parse_rfc3339(text)


def test_both_forms_of_an_instant():
    assert both_texts(1_767_607_200.5, 1_767_603_600) == "+1h0.5s (2026-01-05T10:00:00.500Z)"


@pytest.mark.parametrize(
    ("limits", "text", "inside", "outside"),
    [
        (Range(5, 5), "5", 5, 5.1),
        (Range(5), "at least 5", 9, 4),
        (Range(most=5), "at most 5", -3, 6),
        (Range(1, 2.5), "1 to 2.5", 2.5, None),
    ],
)
def test_ranges(limits, text, inside, outside):
    assert (str(limits), limits.holds(inside), limits.holds(outside)) == (text, True, False)


WORDS = (
    "version rehearsals name events recording scenario start duration incidents label from to at "
    "monitor group expect transitions never at_most alerts value is state min max phase delivery "
    "outages monitors pipelines defaults notifications count p100 time_to_detect x a.b"
)
KEYS = st.sampled_from(WORDS.split(" "))
TEXTS = st.sampled_from(
    ["+1h", "1h", "2026-01-05T09:00:00Z", "2026-99-99", "ok", "heartbeat", "pack", "sweep", "watch",
     "none-fires", "quiet", "", "-", "*", "\x1b[31m", "none", "g:1"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=5), max_leaves=20
)
PLAUSIBLE = st.fixed_dictionaries(
    {
        "version": st.just(1),
        "rehearsals": st.lists(
            st.fixed_dictionaries(
                {
                    "name": TEXTS,
                    "events": st.fixed_dictionaries({"scenario": TEXTS}) | VALUES,
                    "expect": st.dictionaries(
                        st.sampled_from(["never", "transitions", "state", "at_most", "value"]),
                        st.dictionaries(KEYS, VALUES, max_size=4)
                        | st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=2),
                        max_size=3,
                    ),
                },
                optional={"incidents": VALUES, "delivery": VALUES, "phase": VALUES},
            ),
            max_size=2,
        ),
    }
)


@given(VALUES | PLAUSIBLE)
@example({"version": 1, "rehearsals": [{"a.b": {"c[0]": 1}}]})
def test_whatever_stands_in_a_file_its_mistakes_are_told(value):
    schema = spec_schema()
    for mistake in mistakes(value, schema, schema):
        assert "\n" not in str(mistake)
        assert str(mistake).isprintable()


@given(VALUES | PLAUSIBLE)
def test_whatever_stands_in_a_file_reading_it_ends_in_rehearsals_or_mistakes(value):
    lines = told(lambda: read_spec(json.dumps(value), path="nowhere/x.rehearsal.json"))
    assert all(line.startswith("nowhere/x.rehearsal.json:") for line in lines)


def told(read) -> list[str]:
    """The mistakes that *read* ends in, if any."""
    try:
        read()
    except InvalidFileError as error:
        return error.message.split("\n")
    return []


@given(st.text(alphabet="a1.[]{}=\"\n '#,-:", max_size=60))
@example("a = 1979-05-27T07:32:00Z\nb = 07:32:00\nc = 1979-05-27\n")
@example('[[a]]\nb = 1\n[[a]]\n[a.c]\nd."e f" = 2\n')
def test_whatever_toml_there_is_it_is_read_or_refused_with_a_line(text):
    lines = told(lambda: read_toml(text, path="x.toml"))
    assert all(re.match(r"x\.toml:[1-9]", line) for line in lines[:1])
    if not lines:
        places = read_toml(text, path="x.toml").lines.values()
        assert all(1 <= line <= text.count("\n") + 1 for line in places)


def test_toml_knows_the_line_of_tables_and_keys():
    text = "a = 1\n[[r]]\nn = 1\n[[r]]\n[r.c]\nd.e = 2\nf = [\n  {g = 1},\n  {g = 2},\n]\n"
    lines = read_toml(text, path="x.toml").lines
    assert {key: lines[key] for key in ("a", "r[0].n", "r[1]", "r[1].c.d.e", "r[1].c.f[1]")} == {
        "a": 1, "r[0].n": 3, "r[1]": 4, "r[1].c.d.e": 6, "r[1].c.f[1]": 9,
    }  # fmt: skip


PACK = Path(__file__).parents[2] / "fixtures" / "rehearsals" / "pack.rehearsal.yaml"


def places(value: object, where: tuple = ()) -> list[tuple]:
    """The paths of everything in plain data."""
    found = [where] if where else []
    members = value.items() if isinstance(value, dict) else ()
    for key, member in enumerate(value) if isinstance(value, list) else members:
        found += places(member, (*where, key))
    return found


@settings(max_examples=30)
@given(st.data())
def test_in_a_file_that_was_right_whatever_is_broken_is_told_in_order(data):
    value = yaml.safe_load(PACK.read_text("utf-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        *around, last = data.draw(st.sampled_from(places(value)))
        parent = value
        for key in around:
            parent = parent[key]
        if isinstance(parent, dict) and data.draw(st.booleans()):
            parent[data.draw(KEYS)] = data.draw(VALUES)
        else:
            parent[last] = data.draw(VALUES)
    text = yaml.safe_dump(value)
    lines = told(lambda: read_spec(text, path="nowhere/x.rehearsal.yaml", simulate=simulate))
    found = [re.match(r"nowhere/x\.rehearsal\.yaml:(\d+): \S", line) for line in lines]
    assert None not in found
    numbers = [int(place[1]) for place in found if place is not None]
    assert numbers == sorted(numbers)
    assert all(line.isprintable() for line in lines)
