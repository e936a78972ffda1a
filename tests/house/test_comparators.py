"""What a comparator means is decided in one module."""

import ast
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
TEXTS = {"<", "<=", ">", ">=", "==", "!="}
OWNER = "grantex_tui/datadog/monitor/comparator.py"
RANGES = "grantex_tui/datadog/search/"
"""A search has ranges of its own, ``@data.n:>=5``, which are no thresholds."""


def decisions(source: str) -> list[int]:
    """The lines that compare something with the text of a comparator, or look it up by it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=rights):
                tested = [left, *rights]
            case ast.Dict(keys=keys) if len(texts(keys)) > 1:
                tested = [key for key in keys if key is not None]
            case ast.MatchValue(value=value):
                tested = [value]
            case _:
                continue
        found += [node.lineno] * bool(texts(tested))
    return sorted(found)


def texts(nodes: list) -> set[str]:
    inside = {
        each.value
        for node in nodes
        for each in ast.walk(node or ast.Constant(None))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    # `<` and `>` are brackets too, in the tables of escapes.
    return set() if inside & {"&", '"'} else inside & TEXTS


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('x in ("<", "<=")', [1]),
        ('\nx == "!="', [2]),
        ('{">": 1, ">=": 2}', [1]),
        ('match x:\n    case "<":\n        pass', [2]),
        ('x == 1 and y < "z"', []),
        ('{"<": "&lt;", ">": "&gt;", "&": "&amp;"}', []),
        ('print(f"{a} > {b}")', []),
    ],
)
def test_a_test_of_a_comparators_text_would_be_seen(source, lines):
    assert decisions(source) == lines


def test_no_other_module_decides_what_a_comparator_means():
    found = {}
    for package in ("grantex_tui", "simulator/grantex_sim"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name != OWNER and not name.startswith(RANGES):
                found[name] = decisions(path.read_text("utf-8"))
    assert {name: lines for name, lines in found.items() if lines} == {}
