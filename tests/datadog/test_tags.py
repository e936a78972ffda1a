"""Tags as Datadog stores them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.tags import normalise_tag, tag_list


@pytest.mark.parametrize(
    ("given_tag", "stored"),
    [
        ("env:prod", "env:prod"),
        ("type:token.issued", "type:token.issued"),
        ("Env:Prod", "env:prod"),
        (" env:prod ", "env:prod"),
        ("team:a b", "team:a_b"),
        ("a$b@c", "a_b_c"),
        ("url:http://x/y-z", "url:http://x/y-z"),
        ("env:", "env"),
        ("env::", "env"),
        ("1env:x", "env:x"),
        ("_:x", "x"),
        ("été:ü", "été:ü"),
        ("a" * 300, "a" * 256),
        ("a" * 255 + "::", "a" * 255),
        ("123", ""),
        (":", ""),
        ("", ""),
    ],
)
def test_a_tag_is_normalised(given_tag, stored):
    assert normalise_tag(given_tag) == stored


@given(st.text(max_size=300))
def test_normal_tags_stay_as_they_are_and_keep_the_rules(text):
    tag = normalise_tag(text)
    assert normalise_tag(tag) == tag
    assert tag == "" or tag[0].isalpha()
    assert not tag.endswith(":")
    assert re.fullmatch(r"[\w\-:./]*", tag)
    assert len(tag) <= 256


def test_tags_come_from_texts_and_lists_each_once_in_order():
    assert tag_list("b:1,a:2, b:1,,", None, ["C:3", "d,e"], 5) == ("b:1", "a:2", "c:3", "d", "e")
