"""Which logs a search matches: Datadog's pages first, Vector's engine where they are silent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantex_tui.datadog.search import parse, to_text


ROOT = Path(__file__).parents[3]
DOCUMENTED = json.loads((ROOT / "fixtures/datadog-doc-match-cases.json").read_text("utf-8"))
PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/pairs.ndjson").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: f"{case['query']}-{case['expect']}")
def test_datadogs_own_pages_are_followed(case, matches):
    assert matches(case["query"], case["log"]) is case["expect"]


@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: f"{case['query']}-{case['expect']}")
def test_documented_searches_survive_printing(case):
    node = parse(case["query"])
    assert parse(to_text(node)) == node


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["query"])
def test_of_two_logs_the_right_one_matches(pair, matches):
    if pair["matches"] is not None:
        assert matches(pair["query"], pair["matches"])
    if pair["not"] is not None:
        assert not matches(pair["query"], pair["not"])


@pytest.mark.parametrize("sign", ["-", "NOT ", "- ", "NOT\n"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["query"])
def test_a_negation_turns_every_verdict(pair, sign, matches):
    query = f"{sign}({pair['query'] if pair['query'].strip() else '*'})"
    if pair["matches"] is not None:
        assert not matches(query, pair["matches"])
    if pair["not"] is not None:
        assert matches(query, pair["not"])


def test_the_date_is_compared_as_a_number(make_log):
    from dataclasses import replace

    from grantex_tui.datadog.search import compile_query

    log = replace(make_log({}), timestamp=1_790_000_000_000)
    assert compile_query("timestamp:>1789999999999")(log)
    assert compile_query("timestamp:1790000000000")(log)
    assert not compile_query("timestamp:<1789999999999")(log)


@pytest.mark.parametrize("stars", [5, 40])
def test_many_wildcards_on_a_long_text_take_no_exponential_time(stars, matches):
    text = "a" * 20_000
    assert not matches(f"@a:{'*a' * stars}*b", {"a": text})
    assert matches(f"@a:{'*a' * stars}*", {"a": text})
    assert not matches(f"{'*a?' * stars}*b", {"message": text})


def test_a_phrase_over_endless_punctuation_takes_no_exponential_time(matches):
    assert not matches('"a b c"', {"message": "a b" + "!- " * 50_000})


def test_values_nested_deeper_than_pythons_stack_are_read(matches):
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert matches("@a:x", {"a": deep})
    assert matches("*:x", {"a": deep})
    while isinstance(deep, list):  # freed layer by layer: not even the interpreter likes it else
        deep = deep[0]
