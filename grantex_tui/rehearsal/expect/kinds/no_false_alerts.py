"""``no_false_alerts``: every alert is about an incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import group_text, listed
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import Kind
from grantex_tui.rehearsal.expect.types import ByMonitorEntry
from grantex_tui.rehearsal.measure.stays import false_alerts
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass, Span
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader

_LISTED = 5


@dataclass(frozen=True, slots=True)
class NoFalseAlertsClaim:
    """Every alert is about an incident."""

    about: About
    kind: str = "no_false_alerts"

    @property
    def monitors(self) -> Sequence[int]:
        """Whose alerts are meant."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials alerts only about incidents``."""
        return f"{self.about.text} alerts only about incidents"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The alerts that are about none."""
        alone = false_alerts(self.about.spans(rehearsed), rehearsed.incidents, rehearsed.monitors)
        if not alone:
            return None
        count = f"{len(alone)} false alert{'s' if len(alone) > 1 else ''}"
        texts = [_false_alert(span, rehearsed) for span in alone[:_LISTED]]
        reason = listed(count, texts, len(alone))
        return Failure(reason, alone[0].start, count, len(alone))


def _false_alert(span: Span, rehearsed: Pass) -> str:
    name = printable(rehearsed.monitors[span.monitor].name, limit=80)
    group = f" ({group_text(span.group)})" if span.group else ""
    lasted = duration_text(span.end - span.start)
    return f"{name}{group} at {both_texts(span.start, rehearsed.start)} for {lasted}"


def read(
    reader: Reader, entries: Sequence[tuple[str, ByMonitorEntry]]
) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        yield where, NoFalseAlertsClaim(reader.about(entry.monitor, None, where))


KINDS = (
    Kind(
        "no_false_alerts", "Every alert is about an incident.", ByMonitorEntry, read,
        takes="true or one", write="write true (all monitors), or {monitor: …}",
    ),
)  # fmt: skip
