"""Where rules begin and end, to the last letter, hour and bracket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.pipeline.formula import FormulaError, parse_expression
from grantex_tui.datadog.pipeline.grok import engines
from grantex_tui.datadog.pipeline.grok.dates import DatePattern, parse_zone
from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.grok.rubyhash import parse_ruby_hash


def millis(text: str) -> int:
    return int(parse_rfc3339(text) * 1000)


def test_a_zone_of_three_letters_is_a_name_and_of_two_an_offset():
    at = DatePattern("yyyy-MM-dd HH:mm ZZZ").parse("2026-01-05 10:00 Europe/Paris", 0)
    assert at == millis("2026-01-05T09:00:00Z")
    with pytest.raises(ValueError, match="Europe/Paris"):
        DatePattern("yyyy-MM-dd HH:mm ZZ").parse("2026-01-05 10:00 Europe/Paris", 0)


@pytest.mark.parametrize(
    ("arrived", "text", "date"),
    [
        ("2026-01-01T00:00:05Z", "Dec 31 23:59:58", "2025-12-31T23:59:58Z"),
        ("2025-12-31T23:59:58Z", "Jan 1 00:00:05", "2026-01-01T00:00:05Z"),
        ("2026-06-15T00:00:00Z", "Jun 14 00:00:00", "2026-06-14T00:00:00Z"),
        ("2027-01-10T00:00:00Z", "Feb 28 00:00:00", "2027-02-28T00:00:00Z"),
    ],
)
def test_a_date_without_a_year_is_of_the_nearest(arrived, text, date):
    assert DatePattern("MMM d HH:mm:ss").parse(text, millis(arrived)) == millis(date)


def test_an_offset_is_at_most_eighteen_hours():
    assert parse_zone("+18:00").utcoffset(None) == timedelta(hours=18)
    assert parse_zone("-18").utcoffset(None) == -timedelta(hours=18)
    for beyond in ("+18:01", "-19"):
        with pytest.raises(GrokError):
            parse_zone(beyond)


@pytest.mark.parametrize("pattern", [r"(?P<n>\d+)", r"(?>(?P<n>\d+))"], ids=["linear", "atomic"])
def test_digits_are_those_of_ascii_in_either_engine(pattern):
    match = engines.compile_pattern(pattern)
    assert match("42") == {"n": "42"}
    assert match("٤٢") is None


def nothing(_path: str) -> None:
    """No attribute is there."""


def test_brackets_of_a_formula_nest_fifty_deep_and_no_deeper():
    assert parse_expression("(" * 50 + "1" + ")" * 50).value(nothing) == 1
    assert parse_expression(" + ".join(["(1)"] * 60)).value(nothing) == 60
    with pytest.raises(
        FormulaError, match=r"more than 50 levels inside each other at character 51"
    ):
        parse_expression("(" * 51 + "1" + ")" * 51)


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


def test_a_ruby_hash_nests_fifty_deep_and_no_deeper():
    assert parse_ruby_hash(nested("{:a=>", "}", 50))
    assert parse_ruby_hash("{:a=>" + nested("[", "]", 49) + "}")
    for deeper in (nested("{:a=>", "}", 51), "{:a=>" + nested("[", "]", 50) + "}"):
        with pytest.raises(ValueError, match=r"\{:a"):
            parse_ruby_hash(deeper)


def copy(source: str, target: str) -> dict[str, object]:
    return {
        "type": "attribute-remapper", "sources": [source], "source_type": "attribute",
        "target": target, "target_type": "attribute", "preserve_source": True,
        "override_on_conflict": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "pairs",
    [
        [("data.a", "kind"), ("data.b", "kind")],
        [("data.a", "kind"), ("data.b", "kind"), ("data.a", "kind.deep")],
        [("data.a", "x.kind"), ("data.b", "x.kind")],
        [("data.a", "x.y.kind"), ("data.b", "x.y.kind")],
    ],
)
def test_neighbouring_copies_come_to_what_each_does_alone(attributes_after, pairs):
    alone: dict[str, object] = {"data": {"a": "1", "b": "2"}}
    together = attributes_after(alone, *(copy(*pair) for pair in pairs))
    for pair in pairs:
        alone = attributes_after(alone, copy(*pair))
    assert together == alone
    assert together.keys() - {"data"}
