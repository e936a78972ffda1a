"""Coverage as a report: what rehearsals reach, and what none would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.coverage.facts import STATES
from grantex_tui.report.blocks import Listing, Paragraph, Report, Section, Table
from grantex_tui.report.columns import Column
from grantex_tui.words.display import printable
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.coverage.facts import Coverage, Line, MonitorFacts, MutantFacts
    from grantex_tui.report.blocks import Block
    from grantex_tui.report.data import Data

_LINES = 4
_NAME = 44


def coverage_report(told: Coverage) -> Report:
    """What rehearsals reach, and which small changes none of them would notice."""
    blocks: list[Block] = [
        Paragraph(_head(told)),
        Table(_columns(told), [_row(each, told) for each in told.monitors]),
    ]
    never = [each for each in told.monitors if "alert" not in each.reached]
    if never:
        names = ", ".join(printable(each.name, limit=80) for each in never)
        blocks.append(Paragraph(f"No rehearsal makes these fire: {names}."))
    survivors = [each for each in told.monitors if any(not m.noticed for m in each.mutants)]
    if survivors:
        blocks.append(Paragraph("Changes that no expectation would notice:", apart=True))
    blocks += [
        Section(printable(each.name, limit=200), [Listing(list(_survivors(each)))])
        for each in survivors
    ]
    blocks += [
        Paragraph(f"{path}:{line} does not hold as it is, and notices nothing.", apart=True)
        for path, line in told.failing
    ]
    return Report("coverage", "Coverage", blocks, _data(told))


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


def _row(each: MonitorFacts, told: Coverage) -> list[str]:
    name = printable(each.name, limit=_NAME)
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


def _data(told: Coverage) -> Data:
    return {
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


def _json_line(line: Line) -> Data:
    return {"path": line[0], "line": line[1]}
