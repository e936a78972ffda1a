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
        if kind.type != type and _is_of(kind, text):
            scanner.fail(kind.what, hint=f'set "type": "{kind.type}"')
    first = next(iter(own.values()))
    if first.begins:
        listed = " or ".join(f"{word}(…)" for word in own)
        first = own[scanner.name(f"query, {listed}", own)]
    return first.read(scanner, variables)


def _is_of(kind: Kind, text: str) -> bool:
    if kind.begins:
        return re.match(rf"\s*{kind.word}\s*\(", text) is not None
    return bool(_METRIC.match(text)) or re.search(rf"\b{kind.word}\s*\(", text) is not None
