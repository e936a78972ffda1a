"""What a test expects of the ledger, and what of it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_sim.account.report import Report

_BLAMED: Final = ("lost", "pending", "undeliverable", "withheld")
SHOWN: Final = 20
"""Ids that a text names."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One expectation that does not hold."""

    said: str
    ids: Sequence[str] = ()
    """Of the events it is about, as many as the ledger lists."""
    count: int = 0
    """How many events it is about."""
    is_loss: bool = False
    """Whether it is about what is missing."""
    verdict: str = ""
    """That of the events it is about, if it is about one."""

    def __str__(self) -> str:
        """One line for people."""
        unnamed = max(self.count, len(self.ids)) - SHOWN
        more = f" … {unnamed:,} more" if unnamed > 0 else ""
        return f"{self.said}: {' '.join(self.ids[:SHOWN])}{more}" if self.ids else self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Bounds; None: whatever it is."""

    delivered_all: bool = False
    """Every event emitted has been delivered, and there was at least one."""
    min_delivered: int | None = None
    max_missing: int | None = None
    max_lost: int | None = None
    """Heard whole by a client and never delivered; what may still be is waited for."""
    max_duplicates: int | None = None
    max_altered: int | None = None
    max_reordered: int | None = None
    max_late: int | None = None
    no_refused: bool = False

    def broken_by(self, report: Report) -> list[Broken]:
        """What *report* does not keep."""
        return [*self._losses(report), *self._lost(report), *self._spoilt(report)]

    def _lost(self, report: Report) -> Iterator[Broken]:
        if self.max_lost is None:
            return
        verdicts, allowed = report.verdicts, f"{self.max_lost:,} allowed"
        if verdicts.lost > self.max_lost:
            said = f"{many(verdicts.lost, 'event')} lost, {allowed}"
            yield Broken(said, report.lost, verdicts.lost, is_loss=True, verdict="lost")
        elif verdicts.lost + report.forgotten > self.max_lost:
            events = many(report.forgotten, "event")
            yield Broken(f"{events} too old to be known by id: whether lost, can't be told")
        if verdicts.pending and not report.emitting:
            said = f"{many(verdicts.pending, 'event')} pending: whether lost, can't be told yet"
            yield Broken(said, (), verdicts.pending, is_loss=True, verdict="pending")
        if not report.connections_hit and not (report.emitted and report.streams_opened):
            nothing = "nothing was emitted" if not report.emitted else "nobody opened the stream"
            yield Broken(f"{nothing}, which proves nothing")

    def _losses(self, report: Report) -> Iterator[Broken]:
        missing = report.missing_count + report.forgotten
        if self.delivered_all and not report.emitted:
            yield Broken("nothing was emitted, which proves nothing")
        elif self.delivered_all and missing:
            said = f"{missing:,} of {report.emitted:,} events missing"
            yield Broken(said, report.missing, missing, is_loss=True)
        elif self.max_missing is not None and missing > self.max_missing:
            said = f"{many(missing, 'event')} missing, {self.max_missing:,} allowed"
            yield Broken(said, report.missing, missing, is_loss=True)
        if self.min_delivered is not None and report.delivered < self.min_delivered:
            delivered = many(report.delivered, "event")
            yield Broken(f"{delivered} delivered, {self.min_delivered:,} expected")

    def _spoilt(self, report: Report) -> Iterator[Broken]:
        counted = (
            ("duplicate", self.max_duplicates, report.duplicates, report.duplicate_ids),
            ("altered event", self.max_altered, report.altered, report.altered_ids),
            ("reordered event", self.max_reordered, report.reordered, report.reordered_ids),
            ("late event", self.max_late, report.late, report.late_ids),
        )
        for name, most, count, ids in counted:
            if most is not None and count > most:
                yield Broken(f"{many(count, name)}, {most:,} allowed", ids, count)
        if self.no_refused and report.refused:
            yield Broken(f"{many(report.refused, 'request')} refused", _refusals(report))


def summary(report: Report) -> str:
    """The account in one line."""
    unheard = f", {report.unheard:,} emitted while nobody listened" if report.unheard else ""
    verdicts = msgspec.structs.asdict(report.verdicts)
    blamed = "".join(f", {verdicts[name]:,} {name}" for name in _BLAMED if verdicts[name])
    emitting = ", more to come" if report.emitting else ""
    return (
        f"{report.emitted:,} emitted, {report.delivered:,} delivered, "
        f"{report.missing_count + report.forgotten:,} missing{blamed}, "
        f"{many(report.duplicates, 'duplicate')}, {report.altered:,} altered, "
        f"{many(report.refused, 'request')} refused{unheard}{emitting}"
    )


def many(count: int, noun: str) -> str:
    """``1 event``, ``2 events``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _refusals(report: Report) -> list[str]:
    """The kinds of refusals among the requests that are listed."""
    refused = (said for said in report.requests if said.status != 202)
    kinds = dict.fromkeys(f"{said.status} ({said.reason or 'no reason'})" for said in refused)
    return [*kinds]
