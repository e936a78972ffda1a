"""Changes the program in small ways, and says which changes no test notices.

It copies the project once a job, runs the tests of each area there to see which test runs which
line, and then each sampled mutant against the tests that run its line. The same seed tries the same
mutants as long as the code that they change is the same. Exits with 1 when an area is below the
minimum, with 2 when no score can be told.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutation.areas import AREAS, ROOT, Area, NoModuleError, modules
from tests.mutation.campaign import tried
from tests.mutation.copies import Copies
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.report import Result, survivors, table
from tests.mutation.sample import read_equivalents, sampled, stale, without
from tests.mutation.trial import BrokenRunError


def main() -> int:
    """Says what came of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # and not without ending its runs
    options = _options()
    areas = [area for area in AREAS if not options.area or area.name in options.area]
    began = time.monotonic()
    try:
        results = _results({area: _mutants(area) for area in areas}, options)
    except (NoModuleError, BrokenRunError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    for line in (*survivors(results), "", *table(results)):
        print(line)
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s")
    return int(any(result.score < options.min for result in results))


def _results(found: Mapping[Area, Sequence[Mutant]], options: argparse.Namespace) -> list[Result]:
    equivalents = read_equivalents()
    told = {area: without(mutants_, equivalents) for area, mutants_ in found.items()}
    samples = {area: sampled(told[area], options.sample, options.seed) for area in found}
    if not options.area:
        for entry in stale([mutant for all_ in found.values() for mutant in all_], equivalents):
            _say(f"equivalent.toml: there is no such change: {entry.line!r}: {entry.change}")
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        Copies(ROOT, Path(folder).resolve(), options.jobs) as copies,
    ):
        outcomes = tried(ROOT, copies, samples, _say)
    return [
        Result(
            area.name,
            possible=len(found[area]),
            equivalent=len(found[area]) - len(told[area]),
            outcomes=[(mutant, outcomes[mutant]) for mutant in samples[area]],
        )
        for area in found
    ]


def _mutants(area: Area) -> list[Mutant]:
    return [
        mutant
        for path in modules(area)
        for mutant in mutants(path, (ROOT / path).read_text(encoding="utf-8"))
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    names = [area.name for area in AREAS]
    parser.add_argument("--area", action="append", choices=names, help="only this one; repeatable")
    parser.add_argument("--sample", type=int, default=60, help="mutants an area (60)")
    parser.add_argument("--seed", type=int, default=1, help="which mutants are taken (1)")
    parser.add_argument("--min", type=float, default=85, help="percent noticed in each area (85)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once (cores)")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
