"""``python -m tests.reliability.run S I``: try the cases of these lists, and write down what came of them.

``--write`` puts the tables into ``docs/reliability.md``, between the marks of each list.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.reliability.case import Case, Outcome


LISTS = {
    "S": ("streams", "outages"),
    "I": ("intake",),
    "D": ("disk", "folders"),
    "J": ("damage",),
    "T": ("terminals",),
    "N": ("networks",),
}
"""Each list of faults, and the modules here that have its cases as ``CASES``."""
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def cases_of(letter: str) -> Sequence[Case]:
    """The cases of a list."""
    modules = [import_module(f"tests.reliability.{name}") for name in LISTS[letter]]
    return [case for module in modules for case in module.CASES]


async def attempt(case: Case) -> Outcome:
    """Try one case in a folder of its own; one that takes too long does not hold."""
    with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
        try:
            async with asyncio.timeout(case.timeout):
                return await case.run(Path(folder))
        except TimeoutError:
            return Outcome(holds=False, figures={}, reason=f"not done in {case.timeout:g} s")


def table(letter: str, outcomes: Sequence[tuple[Case, Outcome]]) -> str:
    """The outcomes of a list as a Markdown table."""
    columns = list(dict.fromkeys(name for _, outcome in outcomes for name in outcome.figures))
    lines = [f"| {letter} | case | {' | '.join(columns)} | holds |"]
    lines.append("|---" * (len(columns) + 3) + "|")
    for case, outcome in outcomes:
        figures = (str(outcome.figures.get(name, "")) for name in columns)
        verdict = "yes" if outcome.holds else f"no: {outcome.reason}"
        lines.append(f"| {case.number} | {case.name} | {' | '.join(figures)} | {verdict} |")
    return "\n".join(lines)


def write(letter: str, text: str, page: Path = PAGE) -> None:
    """Put *text* between the marks of its list."""
    start, end = f"<!-- {letter} -->", f"<!-- /{letter} -->"
    before, _, rest = page.read_text("utf-8").partition(start)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", nargs="*", metavar="LIST", help="S I D J T N; all without any")
    parser.add_argument("--only", action="append", default=[], help="only cases with this number")
    parser.add_argument("--brief", action="store_true", help="only those that the suite runs, too")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args(arguments)
    failed = 0
    for letter in options.lists or LISTS:
        outcomes = []
        for case in cases_of(letter):
            if (options.only and case.number not in options.only) or (
                options.brief and not case.brief
            ):
                continue
            began = time.monotonic()
            outcome = asyncio.run(attempt(case))
            outcomes.append((case, outcome))
            failed += not outcome.holds
            word = "holds" if outcome.holds else f"DOES NOT HOLD: {outcome.reason}"
            figures = " ".join(f"{name}={value}" for name, value in outcome.figures.items())
            print(
                f"{letter}{case.number} {case.name}: {word}; {figures} ({time.monotonic() - began:.1f} s)",
                flush=True,
            )
        if options.write and outcomes:
            write(letter, table(letter, outcomes))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
