"""The rehearsal files that the documentation shows are run, and what it promises holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grantex_tui.pack import monitor_texts
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.suite.run import run_rehearsal


DOCS = Path(__file__).parents[2] / "docs"
FILES = [
    pytest.param(block, id=f"{page}-{number}")
    for page in ("rehearsal.md", "rehearsal-spec.md")
    for number, block in enumerate(
        re.findall(r"```yaml\n(version: 1\n.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    )
    if "recording:" not in block  # theirs aren't there
]


def test_there_are_files_to_run():
    assert len(FILES) >= 3


@pytest.mark.parametrize("text", FILES)
def test_a_rehearsal_file_of_the_documentation_runs_and_holds(text, tmp_path):
    (tmp_path / "monitors").mkdir()
    for name, content in monitor_texts():
        (tmp_path / "monitors" / f"{name}.json").write_text(content)
    path = tmp_path / "x.rehearsal.yaml"
    path.write_text(text)
    for rehearsal in load_spec(str(path), simulate):
        outcome = run_rehearsal(rehearsal, simulate)
        assert outcome.error is None
        assert [each.reason for each in outcome.verdicts if not each.passed] == []
