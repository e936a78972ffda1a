"""What came of it, for people: a score an area, and where each survivor is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.mutation.mutants import Mutant
from tests.mutation.trial import Outcome


@dataclass(slots=True)
class Result:
    """An area's mutants and what became of them."""

    area: str
    possible: int
    equivalent: int
    outcomes: list[tuple[Mutant, Outcome]] = field(default_factory=list)

    @property
    def noticed(self) -> int:
        return sum(outcome.is_noticed for _, outcome in self.outcomes)

    @property
    def survivors(self) -> list[tuple[Mutant, Outcome]]:
        return [(mutant, outcome) for mutant, outcome in self.outcomes if not outcome.is_noticed]

    @property
    def score(self) -> float:
        """Percent of those that were tried."""
        return 100 * self.noticed / len(self.outcomes) if self.outcomes else 100.0


def survivors(results: Sequence[Result]) -> Iterator[str]:
    """Where each is, what it changes, and in which line."""
    for result in results:
        for mutant, outcome in result.survivors:
            yield f"{mutant.path}:{mutant.line}: {mutant.function or 'at import'}: {outcome.value}"
            yield f"    {mutant.text}"
            yield f"    {mutant.before} → {mutant.after}"


def table(results: Sequence[Result]) -> Iterator[str]:
    """A line an area."""
    columns = ("area", "possible", "equivalent", "sampled", "noticed", "survived", "score")
    yield "".join(f"{column:>12}" if column != "area" else f"{column:<12}" for column in columns)
    for result in results:
        tried = len(result.outcomes)
        numbers = (result.possible, result.equivalent, tried, result.noticed)
        row = "".join(f"{number:>12}" for number in (*numbers, tried - result.noticed))
        yield f"{result.area:<12}{row}{result.score:>10.0f} %"
