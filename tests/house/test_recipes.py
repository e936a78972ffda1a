"""CONTRIBUTING's recipes, each followed in a copy of the sources."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECTIONS = re.findall(r"^### (.+?)\n(.*?)(?=^### |^## )", TEXT, re.MULTILINE | re.DOTALL)
RECIPES = {title: body for title, body in SECTIONS if "To try it" in body}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    leave = shutil.ignore_patterns("__pycache__")
    for package in ("grantex_tui", "simulator"):
        shutil.copytree(ROOT / package, folder / package, ignore=leave)
    return folder


def steps(body):
    """What a recipe says to do, in order: the file, a new file's text or a change, or a trial."""
    prose_before = 0
    path = ""
    for block in re.finditer(r"^```(python|diff)\n(.*?)^```", body, re.MULTILINE | re.DOTALL):
        prose = body[prose_before : block.start()]
        prose_before = block.end()
        named = re.findall(r"`([\w/]+\.py)`", prose)
        path = named[0] if named else path
        kind = "try" if "o try it" in prose else block[1]
        yield kind, path, block[2]


def changed(text, change):
    lines = change.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(before) == 1, f"this is not there once:\n{before}"
    return text.replace(before, after)


def test_there_are_five_recipes_and_each_touches_one_old_file_at_most():
    assert len(RECIPES) == 5
    for body in RECIPES.values():
        kinds = [(kind, path) for kind, path, _ in steps(body)]
        assert sum(kind == "python" for kind, _ in kinds) == 1
        assert len({path for kind, path in kinds if kind == "diff"}) <= 1
        assert kinds[-1][0] == "try"


@pytest.mark.parametrize("title", RECIPES)
def test_what_a_recipe_says_works(sources, title):
    for kind, path, text in steps(RECIPES[title]):
        file = sources / path
        if kind == "python":
            assert not file.exists()
            file.write_text(text, "utf-8")
        elif kind == "diff":
            file.write_text(changed(file.read_text("utf-8"), text), "utf-8")
        else:
            done = subprocess.run(
                [sys.executable, "-c", text],
                cwd=sources,
                env={"PYTHONPATH": f"{sources}:{sources / 'simulator'}", "HOME": str(sources)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
