"""``arithmetic-processor``: a formula over numeric attributes.

Datadog: logs/log_configuration/processors/arithmetic_processor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import read
from grantex_tui.datadog.pipeline.formula import (
    Expression,
    FormulaError,
    as_number,
    parse_expression,
)
from grantex_tui.datadog.pipeline.log_values import target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.reader import PROCESSORS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class ArithmeticProcessor:
    """A missing value stops it, unless ``is_replace_missing`` takes 0 for it."""

    name: str
    is_enabled: bool
    expression: Expression
    target: str
    is_replace_missing: bool = False

    def effects(self) -> Effects:
        """It sets its target, by the values of its formula."""
        return Effects(self.expression.paths, frozenset({self.target}))

    def step(self) -> Step:
        """Sets the target to the formula's value."""
        expression, set_target = self.expression, target(self.target)
        missing = 0.0 if self.is_replace_missing else None

        def step(log: Log, _run: Run) -> None:
            def lookup(path: str) -> float | None:
                number = as_number(read(log.attributes, path))
                return missing if number is None else number

            value = expression.value(lookup)
            if value is not None:
                set_target(log, value)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _read(reader: Reader) -> ArithmeticProcessor:
    text = reader.text("expression")
    try:
        expression = parse_expression(text)
    except FormulaError as error:
        message = f"{reader.what}: {error} of {text!r}"
        reader.refuse("invalid-expression", "expression", message, rule=PROCESSORS)
    return ArithmeticProcessor(
        *common(reader),
        expression=expression,
        target=reader.text("target"),
        is_replace_missing=reader.flag("is_replace_missing"),
    )


KIND = Kind(
    "arithmetic-processor",
    ("expression", "is_replace_missing", "target"),
    _read,
    "sets an attribute to a formula's value",
)
