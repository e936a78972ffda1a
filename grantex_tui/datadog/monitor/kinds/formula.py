"""``formula("a / b * 100").last("15m") > 20`` over the named log queries of ``options.variables``.

Datadog: monitors/types/log, "formulas".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.datadog.monitor.kinds.kind import Kind
from grantex_tui.datadog.monitor.kinds.log import ZERO_FILLED, ending, read_window
from grantex_tui.datadog.monitor.model import Finds, LogQuery
from grantex_tui.datadog.monitor.scanner import (
    NotEvaluatedError,
    QueryError,
    number_text,
    quoted,
)
from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.datadog.monitor.variables import is_foreign, read_variables


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.scanner import Scanner
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class FormulaQuery:
    """A formula over named log queries; *window* in seconds."""

    formula: str
    variables: dict[str, LogQuery]
    window: int
    comparator: Comparator
    threshold: float
    band: ClassVar[None] = None
    finds: ClassVar[Finds] = Finds.NUMBERS
    only_grows: ClassVar[bool] = False

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert, the same in every query that has any."""
        return next((v.group_by for v in self.variables.values() if v.group_by), ())

    @property
    def recovery_comparator(self) -> Comparator:
        """Its own."""
        return self.comparator

    @property
    def log_queries(self) -> Mapping[str, LogQuery]:
        """Those that are named."""
        return self.variables

    @property
    def is_zero_filled(self) -> bool:
        """If each of its queries is."""
        return all(one.method in ZERO_FILLED for one in self.variables.values())

    @property
    def asked(self) -> str:
        """The formula and its queries."""
        return f"{self.formula} over {self.variables}"

    @property
    def numbers(self) -> Mapping[str, str]:
        """Threshold and window."""
        return {"threshold": number_text(self.threshold), "last": span_text(self.window)}

    @property
    def details(self) -> Mapping[str, str]:
        """None."""
        return {}

    def text(self) -> str:
        """As Datadog writes it."""
        return f"formula({quoted(self.formula)})" + ending(self)

    def check(self, options: Mapping[str, object]) -> Iterator[Problem]:  # noqa: ARG002
        """Nothing beyond the grammar."""
        return iter(())

    def with_comparator(self, comparator: Comparator) -> Self:
        """The same with another comparator."""
        return replace(self, comparator=comparator)

    def with_values(self, *, threshold: float, window: int, deviations: float | None) -> Self:  # noqa: ARG002
        """The same with another threshold and window."""
        return replace(self, threshold=threshold, window=window)

    def without_last_facet(self) -> None:
        """None: the facets are those of its queries."""


def read_formula(scanner: Scanner, variables: Sequence[Mapping[str, object]]) -> FormulaQuery:
    """What follows the word ``formula``."""
    named = read_variables(variables)
    scanner.expect("(")
    at = scanner.position + 1
    text = scanner.string("the formula")
    scanner.expect(")")
    try:
        formula = parse_formula(text)
    except NotEvaluatedError as error:
        reason = f"in the formula: {error.reason}"
        raise NotEvaluatedError(reason, text=scanner.text, position=at + error.position) from None
    except QueryError as error:
        scanner.fail(f"in the formula: {error.reason}", at=at + error.position, hint=error.hint)
    foreign = {str(one.get("name")): one["data_source"] for one in variables if is_foreign(one)}
    for name in formula.names:
        if name in foreign:
            scanner.not_evaluated(
                f"a formula over {foreign[name]!r}", at=at + max(0, text.find(name))
            )
        if name not in named:
            known = ", ".join(named) or "nothing"
            scanner.fail(
                f"the formula names {name!r}, but options.variables defines {known}",
                at=at + max(0, text.find(name)),
                hint=f"add an entry with name {name!r} to options.variables",
            )
    scanner.expect(".")
    start = scanner.position
    if (call := scanner.name("call")) != "last":
        scanner.not_evaluated(f".{call}() of a formula", at=start, hint="evaluated is .last()")
    window = read_window(scanner)
    comparator, threshold = scanner.comparison()
    return FormulaQuery(formula.text, named, window, comparator, threshold)


KIND = Kind("log alert", "formula", "a query over logs", read_formula)
