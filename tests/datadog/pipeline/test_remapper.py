from __future__ import annotations

import pytest


def remapper(**settings):
    return {"type": "attribute-remapper", "sources": ["a"], "target": "t", **settings}


@pytest.mark.parametrize(
    ("settings", "before", "after"),
    [
        # moved by default, kept on request
        ({}, {"a": 1}, {"t": 1}),
        ({"preserve_source": True}, {"a": 1}, {"a": 1, "t": 1}),
        ({"sources": ["user.firstname"], "target": "user_name", "preserve_source": True},
         {"user": {"firstname": "John", "lastname": "Doe"}},
         {"user": {"firstname": "John", "lastname": "Doe"}, "user_name": "John"}),
        ({"sources": ["x.y"], "target": "z.w"}, {"x": {"y": 1}}, {"z": {"w": 1}}),
        # arrays and objects as they are
        ({}, {"a": [1, {"b": 2}]}, {"t": [1, {"b": 2}]}),
        ({}, {"a": {"b": 2}}, {"t": {"b": 2}}),
        # absent and null sources
        ({}, {"b": 1}, {"b": 1}),
        ({}, {"a": None}, {"a": None}),
        ({}, {"a": False}, {"t": False}),
        # of several sources the first that is there; those after it go as well
        ({"sources": ["x", "a", "b"]}, {"a": 1, "b": 2}, {"t": 1}),
        ({"sources": ["a", "b"], "override_on_conflict": True}, {"a": 1, "b": 2}, {"t": 2}),
        ({"sources": ["a", "b"], "preserve_source": True}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "t": 1}),
        # conflicts: the target stays, the source goes all the same
        ({}, {"a": 1, "t": 9}, {"t": 9}),
        ({"preserve_source": True}, {"a": 1, "t": 9}, {"a": 1, "t": 9}),
        # below itself and above itself
        ({"target": "a.b"}, {"a": 1}, {"a": {"b": 1}}),
        ({"sources": ["a.b"], "target": "a"}, {"a": {"b": 1}}, {"a": 1}),
        # an item of a list
        ({"sources": ["a.0"], "preserve_source": True}, {"a": ["x", "y"]}, {"a": ["x", "y"], "t": "x"}),
        ({"sources": ["a.b.1"], "preserve_source": True}, {"a": {"b": [1, 2]}}, {"a": {"b": [1, 2]}, "t": 2}),
        ({"sources": ["a.2"], "preserve_source": True}, {"a": ["x"]}, {"a": ["x"]}),
        ({"override_on_conflict": True}, {"a": 1, "t": 9}, {"t": 1}),
        ({}, {"a": 1, "t": None}, {"t": 1}),
        ({"target": "t.u"}, {"a": 1, "t": 9}, {"a": 1, "t": 9}),
        ({"target": "t.u"}, {"a": 1, "t": {"v": 2}}, {"t": {"v": 2, "u": 1}}),
        # onto itself
        ({"target": "a", "override_on_conflict": True}, {"a": 1}, {"a": 1}),
        ({"target": "a", "override_on_conflict": True, "target_format": "string"}, {"a": 1}, {"a": "1"}),
        ({"target": "a", "target_format": "integer"}, {"a": "12"}, {"a": 12}),
        # casts; what can't be cast stays as it is
        ({"target_format": "auto"}, {"a": "1"}, {"t": "1"}),
        ({"target_format": "integer"}, {"a": "12"}, {"t": 12}),
        ({"target_format": "integer"}, {"a": 12.9}, {"t": 12}),
        ({"target_format": "integer"}, {"a": "12.5"}, {"t": "12.5"}),
        ({"target_format": "integer"}, {"a": "x"}, {"t": "x"}),
        ({"target_format": "integer"}, {"a": "9223372036854775807"}, {"t": 2**63 - 1}),
        ({"target_format": "integer"}, {"a": "9223372036854775808"}, {"t": "9223372036854775808"}),
        ({"target_format": "integer"}, {"a": True}, {"t": True}),
        ({"target_format": "double"}, {"a": "45.0000"}, {"t": 45.0}),
        ({"target_format": "double"}, {"a": "45,5"}, {"t": "45,5"}),
        ({"target_format": "double"}, {"a": "nan"}, {"t": "nan"}),
        ({"target_format": "double"}, {"a": [1]}, {"t": [1]}),
        ({"target_format": "string"}, {"a": 1.5}, {"t": "1.5"}),
        ({"target_format": "string"}, {"a": True}, {"t": "true"}),
        ({"target_format": "string"}, {"a": {"b": 1}}, {"t": {"b": 1}}),
    ],
)  # fmt: skip
def test_remaps_attributes(attributes_after, settings, before, after):
    assert attributes_after(before, remapper(**settings)) == after


@pytest.mark.parametrize(
    ("settings", "tags", "attributes", "tags_after"),
    [
        ({}, ("env:prod", "x"), {"t": "prod"}, ("x",)),
        ({"preserve_source": True}, ("env:prod",), {"t": "prod"}, ("env:prod",)),
        ({}, ("env:a", "env:b"), {"t": ["a", "b"]}, ()),
        ({}, ("env", "environment:prod"), {}, ("env", "environment:prod")),
        ({"target_format": "integer"}, ("env:7",), {"t": 7}, ()),
    ],
)
def test_remaps_tags_to_attributes(run, settings, tags, attributes, tags_after):
    log = run({}, remapper(sources=["env"], source_type="tag", **settings), tags=tags)
    assert (log.attributes, log.tags) == (attributes, tags_after)


@pytest.mark.parametrize(
    ("settings", "before", "tags", "tags_after"),
    [
        ({}, {"a": "Prod"}, (), ("t:prod",)),
        ({}, {"a": "a b,c"}, (), ("t:a_b_c",)),
        ({}, {"a": 7}, ("x",), ("x", "t:7")),
        ({}, {"a": ["p", "q", "p"]}, (), ("t:p", "t:q")),
        ({}, {"a": "new"}, ("t:old",), ("t:old",)),
        ({"override_on_conflict": True}, {"a": "new"}, ("t:old", "x"), ("x", "t:new")),
        ({}, {"a": {"b": 1}}, (), ()),
    ],
)
def test_remaps_attributes_to_tags(run, settings, before, tags, tags_after):
    log = run(before, remapper(target_type="tag", preserve_source=True, **settings), tags=tags)
    assert log.tags == tags_after
    assert log.attributes == before


def test_remaps_a_tag_to_a_tag(run):
    log = run(
        {}, remapper(sources=["env"], source_type="tag", target_type="tag"), tags=("env:prod",)
    )
    assert log.tags == ("t:prod",)
