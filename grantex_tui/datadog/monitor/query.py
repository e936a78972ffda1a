"""The query of a monitor: text to values and back.

Datadog: api/v1/monitors, "create a monitor" (the grammar of log alerts); monitors/types/log;
monitors/types/anomaly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.anomaly import anomaly_text, read_anomaly
from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.datadog.monitor.model import (
    AnomalyQuery,
    FormulaQuery,
    LogAlertQuery,
    LogQuery,
    Query,
)
from grantex_tui.datadog.monitor.scanner import (
    NotEvaluatedError,
    QueryError,
    Scanner,
    number_text,
    quoted,
)
from grantex_tui.datadog.monitor.spans import seconds, span_text
from grantex_tui.datadog.monitor.variables import METHODS, read_variables


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


LONGEST_WINDOW = 48 * 3600
MOST_FACETS = 4
_WINDOW = re.compile(r"\d+[mh]")
_METHODS_OF_LOGS = ("index", "rollup", "by", "last")
_ANOMALY = re.compile(r"\s*\w+\(\s*last_|.*\banomalies\s*\(", re.DOTALL)
_LOGS = re.compile(r"\s*(?:logs|formula)\s*\(")


def parse_query(
    text: str,
    *,
    type: str,  # noqa: A002  (the API's own word)
    variables: Sequence[Mapping[str, object]] = (),
) -> Query:
    """Read a monitor's query.

    Args:
        text: The API object's ``query``.
        type: Its ``type``: ``log alert`` or ``query alert``.
        variables: Its ``options.variables``, which a ``formula()`` refers to.

    Raises:
        QueryError: Datadog would refuse it, or it is of a kind that is not evaluated here.
    """
    scanner = Scanner(text)
    if type == "query alert":
        if _LOGS.match(text):
            scanner.fail("a query over logs", hint='set "type": "log alert"')
        return read_anomaly(scanner)
    if type != "log alert":
        scanner.not_evaluated(
            f"a monitor of type {type!r}",
            hint='evaluated are "log alert", and "query alert" with anomalies()',
        )
    if _ANOMALY.match(text):
        scanner.fail("an anomaly query over a metric", hint='set "type": "query alert"')
    if scanner.name("query, logs(…) or formula(…)", ("logs", "formula")) == "formula":
        return _read_formula(scanner, read_variables(variables))
    return _read_logs(scanner)


@dataclass(slots=True)
class _Chain:
    """What the calls behind ``logs("…")`` have said so far."""

    indexes: tuple[str, ...] = ("*",)
    method: str = ""
    measure: str = ""
    group_by: tuple[str, ...] = ()
    window: int = 0
    seen: set[str] = field(default_factory=set)


def _read_logs(scanner: Scanner) -> LogAlertQuery:
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


def _read_formula(scanner: Scanner, variables: dict[str, LogQuery]) -> FormulaQuery:
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
    for name in formula.names:
        if name not in variables:
            known = ", ".join(variables) or "nothing"
            scanner.fail(
                f"the formula names {name!r}, but options.variables defines {known}",
                at=at + max(0, text.find(name)),
                hint=f"add an entry with name {name!r} to options.variables",
            )
    scanner.expect(".")
    scanner.name("call", ("last",))
    window = _read_window(scanner)
    comparator, threshold = scanner.comparison()
    return FormulaQuery(formula.text, variables, window, comparator, threshold)


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
            chain.window = _read_window(scanner)


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


def _read_window(scanner: Scanner) -> int:
    scanner.expect("(")
    start = scanner.position
    text = scanner.string("the window")
    window = seconds(text) if _WINDOW.fullmatch(text) else None
    if not window or window > LONGEST_WINDOW:
        scanner.fail(
            f"window {text!r} is not between 1m and 2880m, or 1h and 48h",
            at=start,
            hint="write minutes or hours: 5m, 4h",
        )
    scanner.expect(")")
    return window


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def query_text(query: Query) -> str:
    """The query as Datadog writes it; `parse_query` reads the same values from it."""
    match query:
        case AnomalyQuery():
            return anomaly_text(query)
        case FormulaQuery():
            head = f"formula({quoted(query.formula)})"
        case LogAlertQuery(query=logs):
            measure = f", {quoted(logs.measure)}" if logs.measure else ""
            by = f".by({quoted(','.join(logs.group_by))})" if logs.group_by else ""
            index = f".index({quoted(','.join(logs.indexes))})"
            head = f"logs({quoted(logs.search)}){index}.rollup({quoted(logs.method)}{measure}){by}"
    window = f'.last("{span_text(query.window)}")'
    return f"{head}{window} {query.comparator} {number_text(query.threshold)}"
