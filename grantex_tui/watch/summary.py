"""The accounts of a run at its end: as JSON for programs, as lines for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.words.display import printable
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import PathView


@dataclass(frozen=True, slots=True)
class Summary:
    """carried over + received = delivered + pending + dead-lettered + dropped."""

    received: int
    by_type: tuple[tuple[str, int], ...]
    malformed: int
    skipped: int
    gaps: tuple[Gap, ...]
    delivered: int
    pending: int
    dead_lettered: int
    dropped: tuple[tuple[str, int], ...]
    requests: int
    retries: int
    seconds: float
    carried_over: int = 0
    """Events that an earlier run left in the journal, undelivered."""
    truncated: int = 0
    """Logs that were delivered in a shortened copy; not in the equation."""
    late: int = 0
    """Events that were sent over five minutes after their receipt."""
    paths: tuple[PathView, ...] = ()

    @property
    def dropped_total(self) -> int:
        """Events that were given up, whatever the reason."""
        return sum(count for _, count in self.dropped)

    def to_json(self) -> str:
        """One line: ``{"summary": {…}}``."""
        gaps = [
            {
                "from": rfc3339(gap.start),
                "to": None if gap.end is None else rfc3339(gap.end),
                "reason": gap.reason,
            }
            for gap in self.gaps
        ]
        return json.dumps(
            {
                "summary": {
                    "received": self.received,
                    "byType": dict(self.by_type),
                    "malformed": self.malformed,
                    "skipped": self.skipped,
                    "gaps": gaps,
                    "paths": [_path_json(path) for path in self.paths],
                    "delivered": self.delivered,
                    "pending": self.pending,
                    "deadLettered": self.dead_lettered,
                    "dropped": self.dropped_total,
                    "droppedBy": dict(self.dropped),
                    "requests": self.requests,
                    "retries": self.retries,
                    "carriedOver": self.carried_over,
                    "truncated": self.truncated,
                    "late": self.late,
                    "seconds": round(self.seconds, 3),
                }
            },
            ensure_ascii=True,  # nothing that an event named may reach a terminal from here
        )

    def to_text(self) -> str:
        """A few lines that a person reads at the end of a run."""
        lines = [
            f"received {self.received:,} events in {self.seconds:.1f} s"
            + (f", {self.malformed:,} malformed" if self.malformed else "")
            + (f", {self.skipped:,} skipped (too large)" if self.skipped else "")
        ]
        lines += [f"  {count:>9,}  {printable(name, limit=60)}" for name, count in self.by_type]
        if self.carried_over:
            lines.append(f"took over {self.carried_over:,} undelivered events of an earlier run")
        lines.append(
            f"delivered {self.delivered:,}, pending {self.pending:,}, "
            f"dead-lettered {self.dead_lettered:,}, dropped {self.dropped_total:,} "
            f"({self.requests:,} requests, {self.retries:,} retries)"
        )
        lines += [f"  dropped {count:,}: {reason}" for reason, count in self.dropped]
        if self.truncated:
            lines.append(
                f"{count(self.truncated, 'log')} over 1 MB went out shortened; see truncated.ndjson"
            )
        if self.late:
            lines.append(
                f"{count(self.late, 'event')} went out over five minutes after their receipt"
            )
        if self.dead_lettered:
            lines.append("dead letters, with the reason, are in dead-letter.ndjson in the journal")
        lines += [_path_line(path) for path in self.paths]
        lines += [f"gap {_span(gap)}: {gap.reason}" for gap in self.gaps]
        if self.pending:
            lines.append("pending events stay in the journal and go out at the next start")
        return "\n".join(lines)


def _span(gap: Gap) -> str:
    if gap.end is None:
        return f"since {rfc3339(gap.start)}"
    return f"{rfc3339(gap.start)} to {rfc3339(gap.end)} ({gap.end - gap.start:.1f} s)"


def _path_json(path: PathView) -> dict[str, object]:
    return {
        "path": path.name,
        "state": path.connection.state.value,
        "awaySince": None if path.away_since is None else rfc3339(path.away_since),
        "detail": path.connection.detail,
        "connects": path.connection.connects,
        "reconnects": path.reconnects,
        "brought": path.brought,
        "first": path.first,
        "holes": path.holes,
    }


def _path_line(path: PathView) -> str:
    lacked = f", lacked {path.holes:,} for 2 s" if path.holes else ""
    return (
        f"{path.name} brought {path.brought:,} ({path.first:,} of them first), "
        f"reconnected {path.reconnects:,} times{lacked}"
    )
