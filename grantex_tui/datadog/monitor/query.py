"""The query of a monitor: text to values.

Datadog: api/v1/monitors, "create a monitor".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.kinds.registry import KINDS
from grantex_tui.datadog.monitor.scanner import Scanner


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.kinds.kind import Kind
    from grantex_tui.datadog.monitor.model import Query


_COMPARISON = re.compile(r"(?:>=|<=|==|!=|>|<)\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*\Z")
_METRIC = re.compile(r"\s*\w+\(\s*last_")


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
    own = {kind.word: kind for kind in KINDS if kind.type == type}
    if not own:
        scanner.not_evaluated(
            f"a monitor of type {type!r}",
            hint='evaluated are "log alert", and "query alert" with anomalies()',
        )
    for kind in KINDS:
        # Datadog takes formulas over other data in monitors of other types, too.
        if kind.type != type and kind.word not in ("", "formula") and _is_of(kind, text):
            scanner.fail(kind.what, hint=f'set "type": "{kind.type}"')
    first = next(iter(own.values()))
    if first.word and first.begins:
        listed = " or ".join(f"{word}(…)" for word in own)
        first = own[scanner.name(f"query, {listed}", own)]
    elif first.word and f"{first.word}(" not in text.replace(" ", ""):
        _fail_without_comparison(scanner)
        scanner.not_evaluated(
            f"a metric query without {first.word}()",
            hint="use a log alert for a threshold over logs",
        )
    return first.read(scanner, variables)


def _is_of(kind: Kind, text: str) -> bool:
    pattern = rf"\s*{kind.word}\s*\(" if kind.begins else rf".*\b{kind.word}\s*\("
    if re.match(pattern, text, re.DOTALL):
        return True
    return not kind.begins and _METRIC.match(text) is not None


def _fail_without_comparison(scanner: Scanner) -> None:
    """Whatever the rest of a metric query means, it ends with a comparison."""
    if not _COMPARISON.search(scanner.text):
        scanner.fail(
            "invalid operator specified: the query does not end with a comparison",
            at=len(scanner.text.rstrip()),
            hint="end it with a comparator and a number, such as > 50",
        )
