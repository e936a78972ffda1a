from __future__ import annotations

import pytest

from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.datadog.search import Field, parse
from grantex_tui.monitoring.count.question import Question
from grantex_tui.monitoring.count.traces import Traces


def remapper(*sources: str, target: str) -> dict[str, object]:
    return {
        "type": "attribute-remapper", "name": "", "is_enabled": True, "preserve_source": True,
        "sources": list(sources), "target": target, "source_type": "attribute",
        "target_type": "attribute", "override_on_conflict": False,
    }  # fmt: skip


@pytest.fixture(scope="module")
def traces() -> Traces:
    processors = [
        remapper("data.agentId", target="grantex.agent"),
        remapper("data.userId", "data.principalId", target="grantex.user"),
        remapper("data.deep.er", target="grantex.deep"),
        remapper("data.agentId", target="data.copy"),
        {"type": "string-builder-processor", "name": "", "is_enabled": True, "template": "x",
         "target": "grantex.built", "is_replace_missing": False},
    ]  # fmt: skip
    pipeline = {
        "name": "p",
        "is_enabled": True,
        "filter": {"query": "source:grantex"},
        "processors": processors,
    }
    return Traces(parse_pipelines([pipeline]), {Field("attribute", "type"), Field.of("source")})


KEYS: list[tuple[str, set[str] | None]] = [
    ("@data.cascade", {"cascade"}),
    ("@data.deep.er", None),
    ("@data", None),
    ("@type", set()),
    ("@id", None),
    ("@createdAt", None),
    ("@other", set()),
    ("@other.deep", set()),
    ("@type.deep", None),
    ("@grantex.agent", {"agentId"}),
    ("@grantex.user", {"userId", "principalId"}),
    ("@grantex.deep", None),
    ("@grantex.built", None),
    ("@data.copy", None),
    ("source", set()),
    ("status", None),
]


@pytest.mark.parametrize(("facet", "keys"), KEYS)
def test_a_field_is_traced_to_the_keys_that_decide_it(traces, facet, keys) -> None:
    assert traces.of_search(parse(f"{facet}:x")) == keys
    assert traces.of_answer(Question("*", group_by=(facet,))) == keys


def test_several_fields_depend_on_the_keys_of_all(traces) -> None:
    both = "@data.cascade:true OR @grantex.agent:x"
    assert traces.of_search(parse(both)) == {"cascade", "agentId"}
    assert traces.of_search(parse(f"{both} status:error")) is None
    question = Question("*", "max", "@data.pct", group_by=("@data.a",))
    assert traces.of_answer(question) == {"a", "pct"}
    assert traces.of_answer(Question("*", "max", "@id", group_by=("@data.a",))) is None
    assert traces.of_answer(Question("*")) == set()


@pytest.mark.parametrize(
    ("facet", "keys"),
    [
        ("@data.a", ("a",)),
        ("@data.a.b", None),
        ("@id", None),
        ("@type", None),
        ("@other", None),
        ("@grantex.agent", ("agentId",)),
        ("@grantex.user", ("userId", "principalId")),
        ("@grantex.deep", None),
        ("@grantex.built", None),
        ("@data.copy", None),
        ("source", None),
        ("type", None),
    ],
)
def test_a_facet_is_read_from_keys_of_data_alone(traces, facet, keys) -> None:
    expected = None if keys is None else [keys]
    assert traces.of_facets(Question("*", group_by=(facet,))) == expected
    both = None if keys is None else [("b",), keys]
    assert traces.of_facets(Question("*", group_by=("@data.b", facet))) == both
