"""Coverage as text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.coverage.coverage import STATES
from grantex_tui.report.columns import Column, text_table, wrapped
from grantex_tui.words.display import printable
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.coverage.coverage import Coverage, Line, MonitorFacts, MutantFacts

SCHEMA_VERSION = 1
_LINES = 4
_NAME = 44


def coverage_text(told: Coverage, width: int = 80) -> str:
    """The coverage for a terminal of *width* columns."""
    lines = [
        *wrapped(_head(told), width),
        "",
        *text_table(_columns(told), [_row(each, told, width) for each in told.monitors], width),
    ]
    never = [each for each in told.monitors if "alert" not in each.reached]
    if never:
        names = ", ".join(printable(each.name, limit=80) for each in never)
        lines += ["", *wrapped(f"No rehearsal makes these fire: {names}.", width, "  ")]
    survivors = [each for each in told.monitors if any(not m.noticed for m in each.mutants)]
    if survivors:
        lines += ["", *wrapped("Changes that no expectation would notice:", width)]
    for each in survivors:
        lines += ["", *wrapped(printable(each.name, limit=200), width)]
        lines += [line for text in _survivors(each) for line in wrapped(f"  {text}", width, "    ")]
    for path, line in told.failing:
        where = f"{printable(path, limit=200)}:{line}"
        lines += [
            "",
            *wrapped(f"{where} does not hold as it is, and notices nothing.", width, "  "),
        ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _head(told: Coverage) -> str:
    share = f" ({told.percent:.0f} %)" if told.mutants else ""
    return (
        f"{count(len(told.rehearsals), 'rehearsal')} of {count(len(told.monitors), 'monitor')}: "
        f"{told.noticed} of {count(told.mutants, 'small change')} noticed{share}"
    )


def _columns(told: Coverage) -> list[Column]:
    grouped = any(each.groups for each in told.monitors)
    return [
        Column("monitor", left=True),
        *(Column(state, rank) for state, rank in zip(STATES, (0, 3, 4, 2), strict=True)),
        *([Column("groups", 5)] if grouped else ()),
        Column("noticed"),
    ]


def _row(each: MonitorFacts, told: Coverage, width: int) -> list[str]:
    name = printable(each.name, limit=max(12, min(_NAME, width - 24)))
    states = [
        "yes" if state in each.reached else "no" if state in each.possible else "-"
        for state in STATES
    ]
    groups = f"{each.alerting_groups}/{each.groups}" if each.groups else "-"
    noticed = sum(mutant.noticed for mutant in each.mutants)
    grouped = any(other.groups for other in told.monitors)
    return [name, *states, *([groups] if grouped else ()), f"{noticed}/{len(each.mutants)}"]


def _survivors(each: MonitorFacts) -> Iterator[str]:
    """The changes that make a difference first, then those that no event tells apart, together."""
    left = [mutant for mutant in each.mutants if not mutant.noticed]
    for mutant in left:
        if mutant.difference:
            yield f"{mutant.what}: {mutant.difference}; {_should(mutant)}"
    alike = [mutant for mutant in left if not mutant.difference]
    for mutant in alike:
        if not mutant.is_near:
            yield f"{mutant.what}: equivalent on these events, {_far(mutant)}"
    others = [mutant.what for mutant in alike if mutant.is_near]
    if others:
        yield f"{', '.join(others)}: no event of any rehearsal makes a difference"


def _far(mutant: MutantFacts) -> str:
    """``no evaluation finds 11, the nearest are 5 and 12``."""
    found = [number(value) for value in mutant.nearest if value is not None]
    text = f"no evaluation finds {number(mutant.telling)}"
    if not found:
        return text
    return f"{text}, the nearest {'are' if found[1:] else 'is'} {' and '.join(found)}"


def _should(mutant: MutantFacts) -> str:
    if not mutant.looked:
        return "no expectation is about this monitor"
    return f"{_lines(mutant.looked)} could have noticed"


def _lines(lines: Sequence[Line]) -> str:
    """``a.rehearsal.yaml:7, 9 and 3 more``: each file once."""
    by_path: dict[str, list[str]] = {}
    for path, line in lines[:_LINES]:
        by_path.setdefault(printable(path, limit=200), []).append(str(line))
    shown = "; ".join(f"{path}:{', '.join(numbers)}" for path, numbers in by_path.items())
    return shown + (f" and {len(lines) - _LINES} more" if lines[_LINES:] else "")


def coverage_json(told: Coverage) -> dict[str, object]:
    """The coverage as data."""
    return {
        "version": SCHEMA_VERSION,
        "kind": "coverage",
        "rehearsals": list(told.rehearsals),
        "mutants": told.mutants,
        "noticed": told.noticed,
        "percent": round(told.percent, 2),
        "monitors": [
            {
                "monitor": each.name,
                "states": {state: state in each.reached for state in each.possible},
                "groups": each.groups,
                "alerting_groups": each.alerting_groups,
                "mutants": [
                    {
                        "change": mutant.what,
                        "noticed_by": [_json_line(line) for line in mutant.noticed_by],
                        "should_have_noticed": [_json_line(line) for line in mutant.looked]
                        if not mutant.noticed
                        else [],
                        "difference": mutant.difference or None,
                        "telling_value": mutant.telling,
                        "nearest_values": list(mutant.nearest),
                    }
                    for mutant in each.mutants
                ],
            }
            for each in told.monitors
        ],
        "failing": [_json_line(line) for line in told.failing],
    }


def _json_line(line: Line) -> dict[str, object]:
    return {"path": line[0], "line": line[1]}
