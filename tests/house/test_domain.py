"""What a comparator means, and what kinds of queries there are, is known in one place."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from grantex_tui.datadog.monitor.kinds.registry import KINDS
from tests.support.syntax import nodes


ROOT = Path(__file__).parents[2]
TEXTS = {"<", "<=", ">", ">=", "==", "!="}
OWNER = "grantex_tui/datadog/monitor/comparator.py"
FOLDER = "grantex_tui/datadog/monitor/kinds/"
MOST = 5
"""Modules that may name a query class."""
RANGES = "grantex_tui/datadog/search/"
"""A search has ranges of its own, ``@data.n:>=5``, which are no thresholds."""


def decisions(source: str) -> list[int]:
    """The lines that compare something with the text of a comparator, or look it up by it."""
    found = []
    for node in nodes(source):
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
    found = {
        name: decisions(source)
        for name, source in sources()
        if name != OWNER and not name.startswith(RANGES)
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def sources() -> Iterator[tuple[str, str]]:
    for package in ("grantex_tui", "simulator/grantex_sim"):
        for path in (ROOT / package).rglob("*.py"):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def classes_of_queries() -> set[str]:
    """What the readers of the registered kinds return; a composite's never returns."""
    return {inspect.signature(kind.read).return_annotation for kind in KINDS} - {"NoReturn"}


def named(source: str) -> set[str]:
    return {node.id for node in nodes(source) if isinstance(node, ast.Name)} | {
        alias.name
        for node in nodes(source)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_a_query_class_is_named_in_the_module_of_its_kind_alone():
    classes = classes_of_queries()
    assert classes == {"LogAlertQuery", "FormulaQuery", "AnomalyQuery"}
    naming = {name for name, source in sources() if named(source) & classes}
    readers = {kind.read.__module__.rpartition(".")[2] for kind in KINDS} - {"composite"}
    assert naming == {f"{FOLDER}{reader}.py" for reader in readers}
    assert len(naming) <= MOST


def test_every_module_of_a_kind_is_registered():
    found = {
        path.stem for path in (ROOT / FOLDER).glob("*.py") if "KIND = Kind(" in path.read_text()
    }
    assert found == {kind.read.__module__.rpartition(".")[2] for kind in KINDS}
