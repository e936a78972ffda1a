import json
import subprocess
import sys

import pytest


PROGRAM = """
LIMIT = 10


def low(value):
    if value < LIMIT:
        return True
    return False


def count(most):
    total = 0
    for number in range(most):
        if number < most:
            total += 1
    return total


def never(value):
    return value + 1
"""
TESTS = """
import pytest

from program.numbers import count, low


@pytest.fixture(scope="module")
def counted():
    return count(3)


def test_low():
    assert low(3)
    assert not low(30)


def test_some_other():
    assert True


def test_counted(counted):
    assert counted == 3


def test_count_again(counted):
    assert counted == 3


def test_fails_anyway():
    assert low(1) is None
"""
DRIVER = """
import json, sys
from pathlib import Path

from tests.mutation.areas import Area, modules
from tests.mutation.campaign import tried
from tests.mutation.copies import Copies
from tests.mutation.mutants import mutants

root, folder = map(Path, sys.argv[1:])
area = Area("all", ("program/",), ("checks",))
found = [
    mutant for path in modules(area, root)
    for mutant in mutants(path, (root / path).read_text())
]
with Copies(root, folder, 2) as copies:
    outcomes = tried(root, copies, {area: found}, lambda line: print(line, file=sys.stderr))
print(json.dumps([[m.text, m.before, m.after, outcome.name] for m, outcome in outcomes.items()]))
"""

ENDLESS = """
import sys
from pathlib import Path

from tests.mutation.copies import Copies, Task
from tests.mutation.trial import outcome

root, folder = map(Path, sys.argv[1:])
endless = {"checks/test_endless.py": "def test_endless():\\n    while True: pass\\n"}
with Copies(root, folder, 1) as copies:
    for ended in copies.run([Task("endless", ("checks",), endless, cpu_s=0.5)]):
        print(outcome(ended).name, (ended.copy / "checks" / "test_endless.py").exists())
"""


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    (root / "program").mkdir(parents=True)
    (root / "checks").mkdir()
    (root / "program" / "__init__.py").touch()
    (root / "program" / "numbers.py").write_text(PROGRAM)
    (root / "checks" / "test_numbers.py").write_text(TESTS)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def run(script, project, tmp_path):
    command = [sys.executable, "-c", script, str(project), str(tmp_path / "copies")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_each_mutant_meets_the_tests_that_run_its_line(project, tmp_path):
    done = run(DRIVER, project, tmp_path)
    outcomes = {(before, after): outcome for _, before, after, outcome in json.loads(done.stdout)}
    assert outcomes.pop(("value < LIMIT", "(value <= LIMIT)")) == "SURVIVED"
    assert outcomes.pop(("value < LIMIT", "(value >= LIMIT)")) == "NOTICED"
    assert outcomes.pop(("10", "11")) == outcomes.pop(("10", "9")) == "SURVIVED"
    assert outcomes.pop(("number < most", "(number <= most)")) == "SURVIVED"
    assert outcomes.pop(("total += 1", "pass")) == "NOTICED"  # a module's fixture runs it
    assert outcomes.pop(("value + 1", "(value - 1)")) == "UNTESTED"
    assert outcomes.pop(("return value + 1", "return None")) == "UNTESTED"
    assert "left out, since it fails without any mutant: checks/test_numbers.py::test_fails" in (
        done.stderr
    )
    assert (project / "program" / "numbers.py").read_text() == PROGRAM


@pytest.mark.slow
def test_what_takes_forever_is_ended_and_the_copy_put_back(project, tmp_path):
    assert run(ENDLESS, project, tmp_path).stdout == "OUT_OF_TIME False\n"
