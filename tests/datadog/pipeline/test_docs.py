"""docs/pipelines.md says of every kind of processor what the kind says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from grantex_tui.datadog.pipeline.grok.engines import SECONDS
from grantex_tui.datadog.pipeline.parse import KINDS
from grantex_tui.datadog.pipeline.processors.geo_ip import VARIABLE
from grantex_tui.datadog.pipeline.processors.grok_parser import Overtime


PAGE = (Path(__file__).parents[3] / "docs" / "pipelines.md").read_text("utf-8")


def test_the_table_of_processors_is_the_registry_s():
    start = PAGE.index("| type | what it does |")
    rows = PAGE[start : PAGE.index("\n\n", start)].splitlines()[2:]
    assert rows == [
        f"| `{name}` | {KINDS[name].summary} | {KINDS[name].limits or '–'} |"
        for name in sorted(KINDS)
    ]


def test_the_numbers_are_those_of_the_code():
    assert (SECONDS, Overtime.MOST) == (0.25, 20)
    for said in ("a quarter of a second", "After twenty such texts", VARIABLE):
        assert said in PAGE


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_read_by_its_own_name_and_owns_its_keys(name):
    kind = KINDS[name]
    assert kind.type == name
    assert len(set(kind.keys)) == len(kind.keys)
    assert not {"type", "name", "is_enabled"} & set(kind.keys)
