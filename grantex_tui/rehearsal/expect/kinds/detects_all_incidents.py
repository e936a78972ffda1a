"""``detects_all_incidents``: every incident is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import listed
from grantex_tui.rehearsal.expect.detecting import NO_INCIDENTS, delays, missed
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import Kind
from grantex_tui.rehearsal.expect.types import ByMonitorEntry


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader

_LISTED = 5


@dataclass(frozen=True, slots=True)
class DetectsAllClaim:
    """Every incident is noticed by at least one of the monitors meant."""

    about: About
    kind: str = "detects_all_incidents"

    @property
    def monitors(self) -> Sequence[int]:
        """Whoever may notice."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials detects each incident``."""
        who = "some monitor" if self.about.everything else self.about.text
        return f"{who} detects each incident"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The incidents that nobody noticed."""
        if not rehearsed.incidents:
            return Failure(NO_INCIDENTS)
        times = delays(rehearsed.incidents, self.about, rehearsed)
        unnoticed = [
            each for each, took in zip(rehearsed.incidents, times, strict=True) if took == inf
        ]
        if not unnoticed:
            return None
        count = f"{len(unnoticed)} of {len(rehearsed.incidents)} not detected"
        texts = [missed(each, self.about, rehearsed) for each in unnoticed[:_LISTED]]
        reason = listed(count, texts, len(unnoticed))
        return Failure(reason, unnoticed[0].start, f"{len(unnoticed)} missed", len(unnoticed))


def read(
    reader: Reader, entries: Sequence[tuple[str, ByMonitorEntry]]
) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        yield where, DetectsAllClaim(reader.about(entry.monitor, None, where))


KINDS = (
    Kind(
        "detects_all_incidents", "Every incident is noticed by an alert.", ByMonitorEntry, read,
        takes="true or one", write="write true (any monitor), or {monitor: …}",
    ),
)  # fmt: skip
