from __future__ import annotations

from tests.fidelity import COMMAND, PAGE, ROOT, evidence, with_tables


def test_the_page_on_fidelity_says_what_the_suites_have():
    page = PAGE.read_text("utf-8")
    assert with_tables(page) == page, f"docs/fidelity.md is stale: {COMMAND}"


def test_it_counts_cases_that_are_there():
    assert all(row.cases > 0 for row in evidence())


def test_readers_find_it():
    for name in ("README.md", "docs/README.md"):
        assert "fidelity.md" in (ROOT / name).read_text("utf-8")
