"""The house: folders stay small, nothing imports in a circle, every room has its floor."""

import ast
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.support.syntax import parsed


ROOT = Path(__file__).parents[2]
PACKAGES = {"grantex_tui": ROOT, "grantex_sim": ROOT / "simulator"}
FOLDER = 25
"""Modules that a folder may hold: more, and nobody knows what is in it."""


def sources() -> dict[str, Path]:
    found = {}
    for package, folder in PACKAGES.items():
        for path in (folder / package).rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@pytest.fixture(scope="module")
def modules() -> dict[str, Path]:
    return sources()


def imports_of(path: Path, modules: dict[str, Path]) -> set[str]:
    """Every module of ours that *path* imports, in a function or for types alike."""
    imported = set()
    for node in ast.walk(parsed(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {name if name in modules else node.module for name in names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    return imported & modules.keys()


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components with more than one module (Tarjan 1972)."""
    sys.setrecursionlimit(10_000)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(imports[module]):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            component = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(component) > 1:
                found.append(sorted(component))

    for module in sorted(imports):
        if module not in index:
            visit(module)
    return found


def test_no_folder_holds_more_modules_than_a_reader_can_keep_in_mind(modules):
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules.values())
    assert {folder: size for folder, size in sizes.items() if size > FOLDER} == {}


def test_no_modules_import_each_other_in_a_circle(modules):
    imports = defaultdict(set, {name: imports_of(path, modules) for name, path in modules.items()})
    # A package's __init__ hands names on; what it imports does not import the package for them.
    for name, path in modules.items():
        if path.name == "__init__.py":
            imports[name] -= {each for each in imports[name] if each.startswith(f"{name}.")}
    assert circles(imports) == []


def test_a_circle_would_be_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_every_module_says_in_its_first_line_why_it_exists(modules):
    said = {
        name: ast.get_docstring(parsed(path.read_text("utf-8"))) for name, path in modules.items()
    }
    assert [name for name, docstring in said.items() if not docstring] == []
