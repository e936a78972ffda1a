"""What only tests use stands with the tests."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.support.syntax import parsed


ROOT = Path(__file__).parents[2]
CALLED_BY_OTHERS = {
    "asyncio": {
        "connection_made", "connection_lost", "data_received", "eof_received", "pause_writing",
        "resume_writing", "can_write_eof", "get_protocol", "is_reading",
    },
    "io": {"readinto"},
    "pytest": {
        "collect", "runtest", "repr_failure", "reportinfo", "pytest_addoption", "pytest_configure",
        "pytest_collect_file",
    },
    "textual": {
        "compose", "render_line", "render_lines", "run_input_thread", "_fatal_error",
        "_print_error_renderables",
    },
    "whoever tests with the simulator": {
        "assert_delivered_all", "wait_delivered", "wait_notifications", "wait_requests",
        "ca_pem",
    },
    "the dashboard, once it asks what if": {"WhatIf", "what_if", "with_window", "run_dashboard"},
}  # fmt: skip
_OFTEN = 6
"""More uses than a function has of itself."""
HANDLERS = ("action_", "on_", "watch_", "visit_")
"""Textual and ast find these methods by their names."""


def used(tree: ast.AST) -> Counter[str]:
    """How often a tree names what: by itself, as an attribute, as text or an argument."""
    names: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                names[name] += 1
            case ast.Constant(value=str(text)):
                names[text] += text.isidentifier()
            case ast.MatchClass(kwd_attrs=attributes):
                names.update(attributes)
    return names


def unused(sources: dict[str, str]) -> list[str]:
    """Functions, classes and methods that no source names but within themselves."""
    trees = {name: parsed(source) for name, source in sources.items()}
    names = sum(map(used, trees.values()), Counter())
    return sorted(
        f"{module}: {node.name}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith(("__", *HANDLERS))
        and names[node.name] < _OFTEN  # to count within thousands of functions takes seconds
        and names[node.name] == used(node)[node.name]
    )


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("def f(): return f()", ["m: f"]),
        ("def f(): ...\nx = f", []),
        ("class A:\n    def g(self): ...\nA()", ["m: g"]),
        ("class A:\n    def g(self): ...\ngetattr(A(), 'g')", []),
        ("class A:\n    def on_key(self): ...\nA()", []),
    ],
)
def test_what_nothing_uses_would_be_seen(source, left):
    assert unused({"m": source}) == left


def test_every_function_and_class_is_used_by_something_other_than_a_test():
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for package in ("grantex_tui", "simulator/grantex_sim")
        for path in (ROOT / package).rglob("*.py")
    }
    expected = set().union(*CALLED_BY_OTHERS.values())
    assert [each for each in unused(sources) if each.partition(": ")[2] not in expected] == []
