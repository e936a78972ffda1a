import ast
from textwrap import dedent

import pytest

from tests.mutation.mutants import mutants


def changes(source: str) -> set[str]:
    return {f"{found.before} → {found.after}" for found in mutants("m.py", dedent(source))}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if a < b: f()", {"a < b → (a <= b)", "a < b → (a >= b)", "f() → pass"}),
        ("x = a == b", {"a == b → (a != b)"}),
        ("x = a in b", {"a in b → (a not in b)"}),
        ("x = a + b", {"a + b → (a - b)"}),
        ("x = a and b", {"a and b → (a or b)", "a → (not a)"}),
        ("x = a or b", {"a or b → (a and b)"}),
        (
            "if a or b: pass",
            {
                "a or b → (a and b)",
                "a or b → (not (a or b))",
                "a → (not a)",
                "b → (not b)",
            },
        ),
        ("x = not a", {"not a → a"}),
        ("x = 7", {"7 → 8", "7 → 6"}),
        ("x = True", {"True → False"}),
        ("x = -a", {"-a → a"}),
        ("x = min(a, b)", {"min → max"}),
        ("x += y", {"x += y → pass"}),
        ("x.y = z", {"x.y = z → pass"}),
        ("x = y if z else w", {"z → (not z)"}),
        ("x = [y for y in z if y]", {"y → (not y)"}),
        ("def f(): return x", {"return x → return None"}),
        ("for x in y: continue", {"continue → break"}),
        ("raise E(1 + 2)", {"raise E(1 + 2) → pass"}),
        ("match a:\n  case 1 if b: pass", {"b → (not b)"}),
    ],
)
def test_a_change_of_each_kind(line, expected):
    assert changes(line) == expected


@pytest.mark.parametrize(
    "left_out",
    [
        '"""A docstring with 1 < 2."""',
        "import a",
        "x: int",
        "assert a < b",
        "x = f'{a + 1}'",
        "log.warning('%d', a + 1)",
        "x = cast('a < b', y)",
        "x = [] + y",
        "if TYPE_CHECKING:\n    x = 1",
        "@f(1)\ndef f(a: g(2)) -> h(3): ...",
        "@f(1)\nclass A(b=True): ...",
        "class A:\n    def __repr__(self): return 1 + 2",
        "def f(): return None",
    ],
)
def test_what_no_test_should_pin_stays(left_out):
    assert changes(left_out) == set()


def test_a_mutant_says_where_it_is():
    source = "X = 1\n\nclass A:\n    Y = é = 'ä', 2\n\n    def f(self, a=3):\n        return g(\n            4)\n"
    places = {
        found.before: (found.line, found.function, found.first, found.last)
        for found in mutants("m.py", source)
    }
    assert places["1"] == (1, "", 1, 1)
    assert places["2"] == (4, "", 4, 4)
    assert places["3"] == (6, "", 6, 6)
    assert places["4"] == (8, "A.f", 7, 8)


def test_only_the_place_is_changed_letters_of_several_bytes_before_it_or_not():
    source = "é = 'ä'; x = a < b  # ü\n"
    found = next(found for found in mutants("m.py", source) if found.after == "(a <= b)")
    assert found.applied(source) == "é = 'ä'; x = (a <= b)  # ü\n"


def test_each_mutant_of_two_modules_here_still_parses(pytestconfig):
    folder = pytestconfig.rootpath / "tests" / "mutation"
    for path in (folder / "trial.py", folder / "areas.py"):
        source = path.read_text(encoding="utf-8")
        for found in mutants(path.name, source):
            assert ast.dump(ast.parse(found.applied(source))) != ast.dump(ast.parse(source))


def test_those_that_are_alike_are_told_apart():
    found = mutants("m.py", "x = a(1, 1)\n")
    assert len({mutant.key for mutant in found}) == len(found) == 4
