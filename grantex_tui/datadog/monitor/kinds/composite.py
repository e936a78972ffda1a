"""``12345 && !67890``: the states of other monitors, joined. Read and checked, not evaluated here.

Datadog: monitors/types/composite. The monitors are named by their ids; the operators are ``&&``,
``||`` and ``!``, with parentheses. What a composite says follows from the states of the monitors
that it joins, which are evaluated here by themselves; how Datadog matches their groups, and at
which instant it reads their states, is not documented well enough to say the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from grantex_tui.datadog.monitor.kinds.kind import Kind


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.scanner import Scanner

_ID = re.compile(r"\d+\b")
_HINT = "join the ids of monitors, such as 12345 && !67890"


def read_composite(scanner: Scanner, variables: Sequence[Mapping[str, object]]) -> NoReturn:  # noqa: ARG001 - a composite has none
    """The whole query.

    Raises:
        QueryError: It joins nothing that Datadog would take.
        NotEvaluatedError: It is a composite.
    """
    ids = read_ids(scanner)
    named = ", ".join(dict.fromkeys(ids))
    scanner.not_evaluated(
        f"a composite of the monitors {named}",
        at=0,
        hint="expect something of those that it joins; they are evaluated by themselves",
    )


def read_ids(scanner: Scanner) -> list[str]:
    """The monitors that a composite joins, in their order; a loop, for no depth can hurt a loop."""
    ids: list[str] = []
    opened: list[int] = []
    while True:
        while scanner.takes("!") or scanner.sees("("):
            if scanner.takes("("):
                opened.append(scanner.position - 1)
        ids.append(scanner.matching(_ID, "the id of a monitor", _HINT)[0])
        while opened and scanner.takes(")"):
            opened.pop()
        if scanner.takes("&&") or scanner.takes("||"):
            continue
        if opened:
            scanner.fail("a parenthesis is never closed", at=opened[-1])
        scanner.end()
        return ids


KIND = Kind("composite", "", "a composite of other monitors", read_composite)
