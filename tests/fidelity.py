"""``python -m tests.fidelity`` (``make fidelity``): the tables of docs/fidelity.md, from the suites themselves.

A number on that page is what a suite has today; a test fails while the page says another.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.rehearsal.engine.fidelity import FIDELITY
from tests.bench import anomaly
from tests.reliability.run import LISTS, cases_of
from tests.verdicts.bugs import MUTANTS
from tests.verdicts.run import numbered


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "fidelity.md"
COMMAND = "make fidelity"


class Evidence(NamedTuple):
    """What a part of the program is held against, and how much of it there is."""

    part: str
    against: str
    cases: int
    where: str


def evidence() -> Iterator[Evidence]:
    """A row for each suite whose cases can be counted."""
    documented = _length(ROOT / "fixtures/datadog-doc-match-cases.json")
    pairs = _lines(ROOT / "tests/datadog/search/data/pairs.ndjson")
    yield Evidence(
        "searches", "examples and rules of Datadog's pages", documented, "tests/datadog/search"
    )
    yield Evidence(
        "searches", "pairs of a log that fits and one that doesn't", pairs, "tests/datadog/search"
    )
    yield Evidence(
        "reading a stream",
        "chunks and the events they hold",
        _length(ROOT / "fixtures/sse-parse-cases.json"),
        "tests/events/live",
    )
    for letter, names in LISTS.items():
        yield Evidence(
            f"delivery: {names[0]}",
            "faults in a real run, each event accounted for",
            len(cases_of(letter)),
            "[reliability.md](reliability.md)",
        )
    yield Evidence(
        "the ledger's verdicts",
        f"a forwarder without a bug and {len(MUTANTS)} with one, under each fault",
        len(numbered()),
        "`make verdicts`",
    )
    yield Evidence(
        "anomaly detection",
        "series whose true rate is known: measures with bars",
        len(anomaly.MEASURES),
        "`make bench-anomaly`",
    )


def claims_table() -> str:
    """What is exact, approximate and unknown, as ``rehearse --fidelity`` says it."""
    rows = [
        (row.feature, row.claim, "yes" if row.documented else "no", row.note or "–")
        for row in FIDELITY
    ]
    return _table(("Datadog's behaviour", "here", "documented", "how"), rows)


def evidence_table() -> str:
    """The suites and how many cases each has."""
    rows = [(row.part, row.against, f"{row.cases:,}", row.where) for row in evidence()]
    return _table(("what", "held against", "cases", "where"), rows)


def with_tables(page: str) -> str:
    """The page with both tables as they are now."""
    for mark, table in (("claims", claims_table()), ("evidence", evidence_table())):
        start, end = f"<!-- {mark}: {COMMAND} -->", f"<!-- /{mark} -->"
        before, found, rest = page.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{PAGE.name} has no {start} … {end}")
        page = f"{before}{start}\n{table}\n{end}{after}"
    return page


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in lines
    )


def _length(path: Path) -> int:
    return len(json.loads(path.read_text("utf-8")))


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def main(argv: Sequence[str] | None = None) -> int:
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
