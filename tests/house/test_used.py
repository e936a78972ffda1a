"""What only tests use stands with the tests."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.syntax import nodes


ROOT = Path(__file__).parents[2]
FOR_OTHERS = {
    "whoever tests with the simulator": {
        "assert_delivered_all", "wait_delivered", "wait_notifications", "wait_requests", "ca_pem",
    },
    "pytest's hooks": {"pytest_addoption", "pytest_configure", "pytest_collect_file"},
    "the dashboard": {"WhatIf", "what_if", "with_window", "run_dashboard"},
}  # fmt: skip
OURS_ALONE = {"Protocol", "NamedTuple", "Generic", "msgspec.Struct", "Exception", "Enum", "StrEnum"}
"""Bases that call no method of ours by its name."""
OFTEN = 6
"""More uses than a function has of itself."""


def used(within: Iterable[ast.AST]) -> Counter[str]:
    """How often nodes name what: by itself, as an attribute, as text or an argument."""
    names: Counter[str] = Counter()
    for node in within:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                names[name] += 1
            case ast.Constant(value=str(text)):
                names[text] += text.isidentifier()
            case ast.MatchClass(kwd_attrs=attributes):
                names.update(attributes)
    return names


def foreign(classes: list[ast.ClassDef]) -> set[ast.AST]:
    """Methods of classes that extend a framework's, which may call them."""
    bases: defaultdict[str, set[str]] = defaultdict(set)
    for each in classes:
        bases[each.name] |= {ast.unparse(base).partition("[")[0] for base in each.bases}
    ours, found = OURS_ALONE | bases.keys(), set[str]()
    while more := {name for name, of in bases.items() if of - ours or of & found} - found:
        found |= more
    return {method for each in classes if each.name in found for method in each.body}


def unused(sources: dict[str, str]) -> list[str]:
    """Functions, classes and methods that no source names but within themselves."""
    everything = [(module, node) for module, source in sources.items() for node in nodes(source)]
    names = used(node for _, node in everything)
    called = foreign([node for _, node in everything if isinstance(node, ast.ClassDef)])
    return sorted(
        f"{module}: {node.name}"
        for module, node in everything
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and node not in called
        and names[node.name] < OFTEN  # to count within thousands of functions takes seconds
        and names[node.name] == used(ast.walk(node))[node.name]
    )


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("def f(): return f()", ["m: f"]),
        ("def f(): ...\nx = f", []),
        ("class A:\n    def g(self): ...\nA()", ["m: g"]),
        ("class A:\n    def g(self): ...\ngetattr(A(), 'g')", []),
        ("class A(App):\n    def on_key(self): ...\nclass B(A):\n    def g(self): ...\nB()", []),
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
    expected = set().union(*FOR_OTHERS.values())
    assert [each for each in unused(sources) if each.partition(": ")[2] not in expected] == []
