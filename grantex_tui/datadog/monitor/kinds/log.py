"""``logs("…").index("*").rollup("count").by("@a").last("5m") > 50``: counts of logs, and measures.

Datadog: api/v1/monitors, "create a monitor" (the grammar of log alerts); monitors/types/log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

from grantex_tui.datadog.monitor.kinds.kind import Kind
from grantex_tui.datadog.monitor.model import Finds, LogQuery
from grantex_tui.datadog.monitor.scanner import number_text, quoted
from grantex_tui.datadog.monitor.spans import seconds, span_text
from grantex_tui.datadog.monitor.variables import METHODS


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Query
    from grantex_tui.datadog.monitor.scanner import Scanner
    from grantex_tui.datadog.problem import Problem


LONGEST_WINDOW = 48 * 3600
MOST_FACETS = 4
ZERO_FILLED = ("count", "sum")
_WHOLE = ("count", "cardinality")
_GROWING = ("count", "cardinality", "max")
_WINDOW = re.compile(r"\d+[mhd]")
_METHODS_OF_LOGS = ("index", "rollup", "by", "last")


@dataclass(frozen=True, slots=True)
class LogAlertQuery:
    """``logs(…).last("5m") > 50``; *window* in seconds."""

    query: LogQuery
    window: int
    comparator: Comparator
    threshold: float
    formula: ClassVar[str] = ""
    band: ClassVar[None] = None

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert."""
        return self.query.group_by

    @property
    def recovery_comparator(self) -> Comparator:
        """Its own."""
        return self.comparator

    @property
    def log_queries(self) -> Mapping[str, LogQuery]:
        """The one."""
        return {"": self.query}

    @property
    def finds(self) -> Finds:
        """Whole numbers, if it counts."""
        return Finds.WHOLE if self.query.method in _WHOLE else Finds.NUMBERS

    @property
    def is_zero_filled(self) -> bool:
        """A count or a sum is."""
        return self.query.method in ZERO_FILLED

    @property
    def only_grows(self) -> bool:
        """Above a threshold, if more logs can only mean more."""
        return self.comparator.is_high and self.query.method in _GROWING

    @property
    def asked(self) -> str:
        """``count of 'type:x' by @a``."""
        asked = self.query
        measure = f" of {asked.measure}" if asked.measure else ""
        by = f" by {', '.join(asked.group_by)}" if asked.group_by else ""
        return f"{asked.method}{measure} of {asked.search!r}{by}"

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
        logs = self.query
        measure = f", {quoted(logs.measure)}" if logs.measure else ""
        by = f".by({quoted(','.join(logs.group_by))})" if logs.group_by else ""
        index = f".index({quoted(','.join(logs.indexes))})"
        head = f"logs({quoted(logs.search)}){index}.rollup({quoted(logs.method)}{measure}){by}"
        return head + ending(self)

    def check(self, options: Mapping[str, object]) -> Iterator[Problem]:  # noqa: ARG002
        """Nothing beyond the grammar."""
        return iter(())

    def with_comparator(self, comparator: Comparator) -> Self:
        """The same with another comparator."""
        return replace(self, comparator=comparator)

    def with_values(self, *, threshold: float, window: int, deviations: float | None) -> Self:  # noqa: ARG002
        """The same with another threshold and window."""
        return replace(self, threshold=threshold, window=window)

    def without_last_facet(self) -> Self | None:
        """The same, grouped by one facet less."""
        asked = self.query
        if not asked.group_by:
            return None
        fewer = replace(asked, group_by=asked.group_by[:-1], group_limits=asked.group_limits[:-1])
        return replace(self, query=fewer)


def ending(query: Query) -> str:
    """``.last("5m") > 50``, at the end of every query over logs."""
    window = f'.last("{span_text(query.window)}")'
    return f"{window} {query.comparator} {number_text(query.threshold)}"


@dataclass(slots=True)
class _Chain:
    """What the calls behind ``logs("…")`` have said so far."""

    indexes: tuple[str, ...] = ("*",)
    method: str = ""
    measure: str = ""
    group_by: tuple[str, ...] = ()
    window: int = 0
    seen: set[str] = field(default_factory=set)


def read_logs(scanner: Scanner, variables: Sequence[Mapping[str, object]]) -> LogAlertQuery:  # noqa: ARG001
    """What follows the word ``logs``."""
    search = _argument(scanner, "the search")
    chain = _read_chain(scanner)
    comparator, threshold = scanner.comparison()
    query = LogQuery(
        search=search,
        method=chain.method,
        measure=chain.measure,
        group_by=chain.group_by,
        indexes=chain.indexes,
        group_limits=(None,) * len(chain.group_by),
    )
    return LogAlertQuery(query, chain.window, comparator, threshold)


def _read_chain(scanner: Scanner) -> _Chain:
    chain = _Chain()
    while scanner.takes("."):
        start = scanner.position
        name = scanner.name("call", _METHODS_OF_LOGS)
        if name in chain.seen:
            scanner.fail(f".{name}() is given twice", at=start)
        chain.seen.add(name)
        _read_call(scanner, name, chain)
    for name in ("rollup", "last"):
        if name not in chain.seen:
            example = {"rollup": '.rollup("count")', "last": '.last("5m")'}[name]
            scanner.fail(f"expected .{name}(…), found {scanner.found()}", hint=f"add {example}")
    return chain


def _read_call(scanner: Scanner, name: str, chain: _Chain) -> None:
    match name:
        case "index":
            chain.indexes = _names(_argument(scanner, "the index"))
        case "rollup":
            chain.method, chain.measure = _read_rollup(scanner)
        case "by":
            chain.group_by = _read_by(scanner)
        case _:
            chain.window = read_window(scanner)


def _argument(scanner: Scanner, what: str) -> str:
    scanner.expect("(")
    text = scanner.string(what)
    scanner.expect(")")
    return text


def _read_rollup(scanner: Scanner) -> tuple[str, str]:
    scanner.expect("(")
    start = scanner.position
    method = scanner.string("the rollup method")
    if method not in METHODS:
        scanner.fail(
            f"rollup method {method!r} is unknown", at=start, hint=f"known: {', '.join(METHODS)}"
        )
    measure = scanner.string("the measure") if scanner.takes(",") else ""
    if method != "count" and not measure:
        scanner.fail(
            f"rollup method {method!r} needs a measure",
            hint=f'write .rollup("{method}", "@path.of.the.value")',
        )
    scanner.expect(")")
    return method, measure


def _read_by(scanner: Scanner) -> tuple[str, ...]:
    scanner.expect("(")
    start = scanner.position
    group_by = _names(scanner.string("the facets"))
    if scanner.sees(","):
        scanner.fail("by() takes one text", hint='write the facets in one text: .by("a,b")')
    if not group_by or len(set(group_by)) < len(group_by):
        scanner.fail("by() needs different facets, separated by commas", at=start)
    if len(group_by) > MOST_FACETS:
        scanner.fail(f"a log monitor groups by at most {MOST_FACETS} facets", at=start)
    scanner.expect(")")
    return group_by


def read_window(scanner: Scanner) -> int:
    """``("5m")``, in seconds."""
    scanner.expect("(")
    start = scanner.position
    text = scanner.string("the window")
    window = seconds(text) if _WINDOW.fullmatch(text) else None
    if not window or window > LONGEST_WINDOW:
        scanner.fail(
            f"window {text!r} is not between 1m and 48h",
            at=start,
            hint="write minutes, hours or days: 5m, 4h, 1d",
        )
    scanner.expect(")")
    return window


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


KIND = Kind("log alert", "logs", "a query over logs", read_logs)
