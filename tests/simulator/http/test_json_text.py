from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.http.json_text import JsonError, read_json


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_python_writes_is_read_back(value, is_ascii):
    assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@given(
    st.binary(max_size=60) | st.text(alphabet='{}[]":,\\u09dA.eE+- \n', max_size=40).map(str.encode)
)
def test_any_bytes_are_a_value_that_can_be_written_or_an_error(text):
    try:
        value = read_json(text)
    except JsonError:
        return
    assert read_json(json.dumps(value, ensure_ascii=False).encode("utf-8")) == value


@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("has_escape", [False, True])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1" * 308, int("1" * 308)),
        (b"-" + b"1" * 308, -int("1" * 308)),
        (b"1" * 309, None),
        (b"1" * 4_301, None),
        (b"-" + b"1" * 4_301, None),
        (b"1e400", None),
        (b"-1.8e308", None),
        (b"1e-400", 0.0),
        (b"NaN", None),
        (b"-Infinity", None),
        (rb'"\ud800"', "?"),
        (rb'"a\udfffb"', "a?b"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (b'"\xed\xa0\x80"', None),
        (b'"\xff"', None),
        (b'"' + b"1" * 5_000 + b'"', "1" * 5_000),
    ],
)
def test_both_ways_to_read_agree(text, value, has_escape, is_listed):
    """The quick one takes what has no half surrogate and no number of hundreds of digits."""
    more = rb',"\ud801"' if has_escape else b""
    whole = b"[" + text + more + b"]" if is_listed or has_escape else text
    if value is None:
        with pytest.raises(JsonError):
            read_json(whole)
        return
    found = read_json(whole)
    first = found[0] if isinstance(found, list) else found
    assert first == value
    assert not isinstance(first, float) or math.isfinite(first)


def test_what_is_nested_too_deeply_is_said():
    with pytest.raises(JsonError, match="too deeply"):
        read_json(b"[" * 100_000)


def test_a_byte_order_mark_is_no_mistake():
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
