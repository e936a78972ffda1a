from __future__ import annotations

import pytest

from grantex_tui.datadog.pipeline.grok.matchers import MATCHERS, matcher
from grantex_tui.datadog.pipeline.grok.safety import nests_repeats
from grantex_tui.datadog.pipeline.grok.syntax import Call


@pytest.mark.parametrize(
    "regex",
    [r"(\w+\s*)*x", "(a*)*", "(a+)+", "((ab)+)+", r"(\w|\d)*", "(a+){2,}", "(.*,)*", "(?:a|a)*x", r"(?:(a+)?b?)*", "([a-z]+[a-f])*"],
)  # fmt: skip
def test_finds_repeats_that_can_be_split_in_many_ways(regex):
    assert nests_repeats(regex)


@pytest.mark.parametrize(
    "regex",
    [
        r"(\w+,)*", r"(?:\.[a-z]+)*", "(?:foo|bar)*", "(?>a+)*", r"(a+){2,3}", r"[a-z]+\d*", "(a+)?",
        r"(\s*\w+=\w+;)*", ".*.*", "(a|b)+", "[(]*a+", r"\(*a+", "(a{1,3})*", "(?:a+)++", "a{2}b*",
    ],
)  # fmt: skip
def test_leaves_harmless_repeats_alone(regex):
    assert not nests_repeats(regex)


@pytest.mark.parametrize("name", MATCHERS)
def test_no_matcher_of_ours_is_refused(name):
    arguments = {"regex": ("a*",), "date": ("yyyy-MM-dd'T'HH:mm:ss.SSS zzzz EEE MMMM",)}
    regex, _ = matcher(Call(name, arguments.get(name, ())))
    assert not nests_repeats(regex)
