"""What a test expects of the ledger, and what of it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.ledger import Report

SHOWN: Final = 20
"""Ids that a text names."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One expectation that does not hold."""

    said: str
    ids: Sequence[str] = ()

    def __str__(self) -> str:
        """One line for people."""
        more = f" … {len(self.ids) - SHOWN:,} more" if len(self.ids) > SHOWN else ""
        return f"{self.said}: {' '.join(self.ids[:SHOWN])}{more}" if self.ids else self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Bounds; None: whatever it is."""

    delivered_all: bool = False
    """Every event emitted has been delivered, and there was at least one."""
    min_delivered: int | None = None
    max_missing: int | None = None
    max_duplicates: int | None = None
    max_altered: int | None = None
    max_reordered: int | None = None
    max_late: int | None = None
    no_refused: bool = False

    def broken_by(self, report: Report) -> list[Broken]:
        """What *report* does not keep."""
        return [*self._losses(report), *self._spoilt(report)]

    def _losses(self, report: Report) -> Iterator[Broken]:
        missing = len(report.missing) + report.forgotten
        if self.delivered_all and not report.emitted:
            yield Broken("nothing was emitted, which proves nothing")
        elif self.delivered_all and missing:
            yield Broken(f"{missing:,} of {report.emitted:,} events missing", report.missing)
        elif self.max_missing is not None and missing > self.max_missing:
            said = f"{missing:,} events missing, {self.max_missing:,} allowed"
            yield Broken(said, report.missing)
        if self.min_delivered is not None and report.delivered < self.min_delivered:
            yield Broken(f"{report.delivered:,} events delivered, {self.min_delivered:,} expected")

    def _spoilt(self, report: Report) -> Iterator[Broken]:
        counted = (
            ("duplicates", self.max_duplicates, report.duplicates, report.duplicate_ids),
            ("altered events", self.max_altered, report.altered, report.altered_ids),
            ("reordered events", self.max_reordered, report.reordered, report.reordered_ids),
            ("late events", self.max_late, report.late, report.late_ids),
        )
        for name, most, count, ids in counted:
            if most is not None and count > most:
                yield Broken(f"{count:,} {name}, {most:,} allowed", ids)
        if self.no_refused and report.refused:
            yield Broken(f"{report.refused:,} requests refused", _refusals(report))


def summary(report: Report) -> str:
    """The account in one line."""
    unheard = f", {report.unheard:,} emitted while nobody listened" if report.unheard else ""
    return (
        f"{report.emitted:,} emitted, {report.delivered:,} delivered, "
        f"{len(report.missing) + report.forgotten:,} missing, {report.duplicates:,} duplicates, "
        f"{report.altered:,} altered, {report.refused:,} requests refused{unheard}"
    )


def _refusals(report: Report) -> list[str]:
    """The kinds of refusals among the requests that are listed."""
    refused = (said for said in report.requests if said.status != 202)
    kinds = dict.fromkeys(f"{said.status} ({said.reason or 'no reason'})" for said in refused)
    return [*kinds]
