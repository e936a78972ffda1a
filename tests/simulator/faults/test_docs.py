"""`docs/faults.md` says what there is, and its examples are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from grantex_sim.faults import keys, parse_fault_text, read_faults
from grantex_sim.faults.kinds.registry import registered


PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)


def test_every_key_has_its_row():
    known = {*keys.ANSWER, *keys.OPENING, *keys.PASSING, *keys.REWRITING, *keys.MATCH, *keys.WHEN}
    prose = {"after_events", "after_bytes", "after_time", "reset_after_events"}
    said = set(re.findall(r"`([a-z_0-9]+)`", " ".join(ROWS)))
    said |= {"reset"}  # the intake's two are in one cell with their values
    assert known - prose - said == set()
    assert all(f"`{key}`" in PAGE for key in prose)


@pytest.mark.parametrize("kind", registered(), ids=lambda kind: kind.word)
def test_every_registered_kind_has_its_own_row(kind):
    assert kind.row in PAGE.splitlines()


def test_every_yaml_example_is_a_script():
    scripts = [text for kind, text in BLOCKS if kind == "yaml"]
    assert scripts
    assert all(read_faults(text) for text in scripts)


@pytest.mark.parametrize("kind", ["console", "python"])
def test_every_line_shown_is_a_fault(kind):
    text = "\n".join(text for name, text in BLOCKS if name == kind).replace("\\\n", " ")
    quoted = re.findall(r"['\"]((?:intake|stream) .*?)['\"]", text)
    assert len(quoted) >= 3
    assert all(map(parse_fault_text, quoted))


def test_the_command_line_is_one_that_serve_takes():
    import argparse

    from grantex_sim.commands.fault_options import add_fault_options, faults_from

    (command,) = [text for kind, text in BLOCKS if "grantex-sim serve" in text]
    words = shlex.split(command.replace("\\\n", " ").removeprefix("$ "))
    parser = argparse.ArgumentParser()
    add_fault_options(parser)
    args = parser.parse_args(words[2:])
    assert (len(faults_from(args)), args.fault_seed) == (3, 7)


def test_every_fault_of_one_path_is_one():
    lines = re.findall(r"`((?:sse|websocket) .*?)`", PAGE)
    assert len(lines) >= 8
    assert {parse_fault_text(line).match.path for line in lines} == {"sse", "websocket"}
