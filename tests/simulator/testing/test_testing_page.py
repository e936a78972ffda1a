"""The examples of docs/testing.md are run as they are written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grantex_sim.commands.main import build_parser
from grantex_sim.commands.options import options_from
from grantex_sim.service.app import serve_in_thread


pytestmark = pytest.mark.slow
PAGE = (Path(__file__).parents[3] / "docs" / "testing.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?:#|//) (\w+\.\w+)\n")
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-p",
    "grantex_sim.testing.pytest_plugin",
    "-W",
    "error",
]
ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.fixture
def examples(tmp_path):
    """A folder with every file that the page shows."""
    for block in BLOCK.finditer(PAGE):
        if named := FILE.match(block[2]):
            (tmp_path / named[1]).write_text(block[2], "utf-8")
    return tmp_path


def run(test, folder):
    command = [*PYTEST, test]
    return subprocess.run(
        command, cwd=folder, env=ALONE, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("test", "passed"), [("test_forwarder.py", 3), ("test_node_forwarder.py", 1)]
)
def test_the_pytest_examples_pass_as_written(examples, test, passed):
    if "node" in test and shutil.which("node") is None:
        pytest.skip("there is no node here")
    ran = run(test, examples)
    assert f"{passed} passed" in ran.stdout, ran.stdout + ran.stderr


def test_the_ten_lines_of_the_readme_pass_as_written(examples):
    text = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    [example] = [block[2] for block in BLOCK.finditer(text) if block[1] == "python"]
    assert len(example.splitlines()) <= 10
    (examples / "test_readme_example.py").write_text(example, "utf-8")
    ran = run("test_readme_example.py", examples)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_a_forwarder_that_does_not_retry_fails_the_same_tests(examples):
    forwarder = examples / "forwarder.py"
    text = forwarder.read_text("utf-8")
    careless = text.replace("while http.post", "if http.post")
    assert careless != text
    forwarder.write_text(careless, "utf-8")
    tests = examples / "test_forwarder.py"
    impatient = tests.read_text("utf-8").replace("delivered_all()", "delivered_all(timeout_s=1)")
    tests.write_text(impatient, "utf-8")
    test = "test_forwarder.py::test_an_intake_that_fails_for_a_while_costs_nothing"
    ran = run(test, examples)
    assert "AssertionError: 1 of 1 events missing: evt_" in ran.stdout


def test_the_curl_example_ends_with_everything_delivered():
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    [script] = [block[2] for block in BLOCK.finditer(PAGE) if "curl -sN" in block[2]]
    lines = script.split("\n")
    [program, *served] = shlex.split(lines[0].partition("&")[0])
    assert program == "grantex-sim"
    assert options_from(build_parser().parse_args(served)).source is None  # as of the next line
    with serve_in_thread() as simulator:
        text = "\n".join(lines[1:]).replace("http://127.0.0.1:8787", simulator.url)
        text = text.replace("grantex-sim assert", f"{sys.executable} -m grantex_sim assert")
        ran = subprocess.run(
            ["sh", "-e", "-c", text + "\nkill $!\n"],
            env={**os.environ, "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert "✓ 1 emitted, 1 delivered, 0 missing" in ran.stdout, ran.stdout + ran.stderr


def test_every_method_of_the_fixture_is_on_the_page():
    from grantex_sim.testing.fixture import GrantexSim

    names = {name for name in vars(GrantexSim) if not name.startswith("_")} - {"end"}
    assert {name for name in names if f"{name}" not in PAGE} == set()


def test_every_route_is_on_the_page():
    from grantex_sim.service.control import ROUTES

    paths = {route.split(" ")[1].partition("?")[0] for route in ROUTES}
    assert {path for path in paths if path not in PAGE} == set()
