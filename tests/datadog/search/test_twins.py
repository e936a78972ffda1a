"""The prepared functions against slow ones that can be seen to be right."""

from __future__ import annotations

import ipaddress
import re

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import facet_text, values_at
from grantex_tui.datadog.search import (
    Cidr,
    Compare,
    Exists,
    Field,
    Glob,
    Literal,
    Range,
    Term,
    Wild,
    compile_node,
)
from grantex_tui.datadog.search.globs import glob_test
from grantex_tui.datadog.search.words import words_test


SCALARS = st.sampled_from(["x", "y", "1", "", 1, 1.0, 2, True, None])
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "a.b", "b.a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(["a", "b", "a.b", "b.a", "a.b.a"]), NESTED, max_size=4)
PATHS = st.sampled_from(["a", "a.b", "b.a", "a.b.a", "b", '"a.b"', '"a.b".a', 'a."b.a"'])


def equal(value, text):
    if isinstance(value, str | bool):
        return facet_text(value) == text
    return not isinstance(value, dict) and value == {"1": 1, "2": 2}.get(text)


@given(ATTRIBUTES, PATHS, st.sampled_from(["x", "1", "2", "true", ""]))
def test_attributes_are_read_as_the_one_general_reading_does(attributes, path, text):
    log = Log(attributes=attributes)
    values = values_at(attributes, path)
    field = Field("attribute", path)
    assert compile_node(Term(field, Exists()))(log) is bool(values)
    found = compile_node(Term(field, Literal(text)))(log)
    assert found is any(equal(value, text) for value in values)


@given(ATTRIBUTES, PATHS, st.sampled_from(["0", "1", "1.5", "y"]), st.sampled_from([">", "<="]))
def test_comparisons_are_numbers_with_numbers_and_texts_with_texts(attributes, path, bound, sign):
    def holds(value):
        if isinstance(value, str):
            return value > bound if sign == ">" else value <= bound
        if isinstance(value, bool | dict) or bound == "y":
            return False
        return value > float(bound) if sign == ">" else value <= float(bound)

    term = Term(Field("attribute", path), Compare(sign, bound))
    values = values_at(attributes, path)
    assert compile_node(term)(Log(attributes=attributes)) is any(map(holds, values))


BOUNDS = st.sampled_from(["-1", "0", "1", "2.5", "x"]) | st.none()


@given(
    st.sampled_from([-2, -1, 0, 1, 2.5, 3, "0", "x", "y"]),
    BOUNDS,
    BOUNDS,
    st.booleans(),
    st.booleans(),
)
def test_a_range_is_its_two_comparisons(value, low, high, includes_low, includes_high):
    log = Log(attributes={"a": value})
    field = Field("attribute", "a")
    parts = []
    if low is not None:
        parts.append(Compare(">=" if includes_low else ">", low))
    if high is not None:
        parts.append(Compare("<=" if includes_high else "<", high))
    found = compile_node(Term(field, Range(low, high, includes_low, includes_high)))(log)
    assert found is all(compile_node(Term(field, part))(log) for part in parts)


def globs_slowly(parts, text):
    if not parts:
        return text == ""
    first, *rest = parts
    if first is Wild.RUN:
        return any(globs_slowly(rest, text[i:]) for i in range(len(text) + 1))
    if first is Wild.ONE:
        return text != "" and globs_slowly(rest, text[1:])
    return text.startswith(first) and globs_slowly(rest, text[len(first) :])


@given(
    st.lists(st.sampled_from(["a", "b", "ab", ".", Wild.RUN, Wild.ONE]), min_size=1, max_size=7),
    st.text(alphabet="ab.\n", max_size=8),
)
def test_globs_are_what_trying_everything_finds(parts, text):
    assert glob_test(Glob(tuple(parts)))(text) is globs_slowly(parts, text)
    assert glob_test(Glob(tuple(parts)), lowered=True)(text) is globs_slowly(parts, text)


@given(
    st.lists(st.sampled_from(["a", "bc", "é", "a1", "_"]), min_size=1, max_size=3),
    st.lists(st.sampled_from(["a", "bc", "é", "a1", "_", "abc"]), max_size=6),
    st.sampled_from([" ", "-", ", ", "\n", '":"']),
)
def test_phrases_are_runs_of_whole_words(wanted, words, between):
    found = words_test(" ".join(wanted).upper())(between.join(words))
    runs = [words[i : i + len(wanted)] for i in range(len(words))]
    assert found is (wanted in runs)


@given(st.text(alphabet="ab -!_", max_size=6), st.text(alphabet="ab -!_", max_size=10))
def test_words_are_found_as_a_tokenizer_finds_them(wanted, text):
    words, told = re.findall(r"\w+", wanted), re.findall(r"\w+", text)
    found = words_test(wanted)(text)
    if words:
        assert found is any(told[i : i + len(words)] == words for i in range(len(told)))
    else:
        assert found is (wanted in text)


ADDRESSES = st.ip_addresses().map(str) | st.sampled_from(["10.1.2.3", "2001:db8::7", "x", "10.0.0"])
BLOCKS = st.sampled_from(
    ["10.0.0.0/8", "10.1.2.3", "0.0.0.0/1", "2001:db8::/32", "::/0", "8.8.8.8/16"]
)


@given(ADDRESSES, st.lists(BLOCKS, min_size=1, max_size=3))
def test_blocks_hold_what_pythons_own_networks_hold(address, blocks):
    def inside():
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in ipaddress.ip_network(block, strict=False) for block in blocks)

    term = Term(Field("attribute", "ip"), Cidr(tuple(blocks)))
    assert compile_node(term)(Log(attributes={"ip": address})) is inside()
