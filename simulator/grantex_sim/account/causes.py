"""Why events may not have arrived, as far as the account tells: for a test that fails."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from grantex_sim.account.expected import many
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.account.report import Report

_IDS: Final = 10
_KINDS: Final = 5
_LONGEST: Final = 160


def causes(report: Report) -> list[str]:
    """What stands out in *report*, one line each, the most telling first."""
    return [*_of_clients(report), *_of_requests(report), *_of_entries(report)]


def missing_line(report: Report) -> str:
    """The first ids that are missing; empty if none is."""
    shown = [printable(each, limit=_LONGEST) for each in report.missing[:_IDS]]
    rest = report.missing_count - len(shown)
    more = f" and {rest:,} more" if shown and rest > 0 else ""
    return f"missing: {' '.join(shown)}{more}" if shown else ""


def _of_clients(report: Report) -> Iterator[str]:
    if not report.streams and not report.clients:
        yield "no client has opened the stream"
    elif report.unheard and report.missing_count:
        events = "event was" if report.unheard == 1 else "events were"
        yield (
            f"{report.unheard:,} {events} emitted while nobody listened: "
            "wait_clients() before emit()"
        )
    if report.clients_cut:
        yield f"{many(report.clients_cut, 'stream')} cut: too much waited for the client to read it"


def _of_requests(report: Report) -> Iterator[str]:
    if not report.requests and report.emitted:
        yield "the intake has answered no request"
    refused = Counter(
        (said.status, said.reason) for said in report.requests if said.status not in (200, 202)
    )
    for (status, reason), count in refused.most_common(_KINDS):
        said = printable(reason, limit=_LONGEST) or "no reason"
        yield f"refused: {count:,} × {status or 'no answer'}, {said}"
    if len(refused) > _KINDS:
        yield f"refused: for {len(refused) - _KINDS:,} more reasons"


def _of_entries(report: Report) -> Iterator[str]:
    if report.unknown:
        entries = "entry belongs" if report.unknown == 1 else "entries belong"
        yield (
            f"{report.unknown:,} accepted {entries} to no event emitted here: "
            "`message` must be the event's JSON as received"
        )
