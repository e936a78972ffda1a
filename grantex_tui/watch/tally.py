"""Counts of a run: by type, over time, by agent, and the newest events."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from grantex_tui.events.arrived import types_of
from grantex_tui.events.event import Malformed
from grantex_tui.watch.frame import AgentRow, Buckets, EventRow, TallyView


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.event import Event

_HISTORY = 3600
"""Seconds of per-second counts that are kept."""
_RATE_SPAN = 5
_TOP_AGENTS = 20
_MAX_AGENTS = 10_000
_RECENT = 2000
_BUDGET = 500
"""Budget alerts that are kept, however many other events come."""
_RECENT_BYTES = 16_000_000
_KEPT_PAYLOAD = 65_536
"""Bytes of a payload that stay in memory for the detail view; the journal has all of it."""


class _Agent:
    __slots__ = ("events", "grants", "last_at", "tokens")

    def __init__(self) -> None:
        self.events = self.grants = self.tokens = 0
        self.last_at = 0.0


class Tally:
    """Counts each read once; `view` pictures it.

    Args:
        started_at: Epoch seconds, the first second of the chart.
        detailed: Keep history, agents and events for a dashboard; without it only totals.
    """

    def __init__(self, started_at: float, *, detailed: bool = True) -> None:
        self._started_at = started_at
        self._detailed = detailed
        self._version = 0
        self._sequence = 0
        self._malformed = 0
        self._skipped = 0
        self._totals: Counter[str] = Counter()
        self._seconds: deque[tuple[int, Counter[str]]] = deque(maxlen=_HISTORY)
        self._agents: dict[str, _Agent] = {}
        self._recent: deque[EventRow] = deque()
        self._recent_bytes = 0
        self._budget: deque[EventRow] = deque(maxlen=_BUDGET)

    @property
    def received(self) -> int:
        """Events so far, malformed payloads not among them."""
        return self._sequence - self._malformed

    @property
    def malformed(self) -> int:
        """Payloads that were no events."""
        return self._malformed

    @property
    def totals(self) -> Counter[str]:
        """Events by type."""
        return self._totals

    def add(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Count one read."""
        self._version += 1
        types = Counter(types_of(items))
        self._malformed += len(items) - types.total()
        self._totals.update(types)
        self._count_second(int(received_at), types)
        if self._detailed:
            self._count_agents(items, received_at)
            self._keep(items, received_at)
        self._sequence += len(items)

    def add_skipped(self) -> None:
        """Count an event over the size limit."""
        self._version += 1
        self._skipped += 1

    def _count_second(self, second: int, types: Counter[str]) -> None:
        if self._seconds and self._seconds[-1][0] >= second:
            self._seconds[-1][1].update(types)
        else:
            self._seconds.append((second, types))

    def _count_agents(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        for event in items:
            if isinstance(event, Malformed) or not event.agent_id:
                continue
            agent = self._agents.get(event.agent_id)
            if agent is None:
                agent = self._agents[event.agent_id] = _Agent()
            agent.events += 1
            agent.grants += event.type == "grant.created"
            agent.tokens += event.type == "token.issued"
            agent.last_at = received_at
        if len(self._agents) > _MAX_AGENTS:
            busiest = sorted(self._agents.items(), key=lambda row: -row[1].events)
            self._agents = dict(busiest[: _MAX_AGENTS // 2])

    def _keep(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        first = max(0, len(items) - _RECENT)
        for number, item in enumerate(items[first:], self._sequence + first + 1):
            row = _row(item, number, received_at)
            self._recent.append(row)
            if row.type.startswith("budget."):
                self._budget.append(row)
            self._recent_bytes += len(row.raw)
        while len(self._recent) > _RECENT or self._recent_bytes > _RECENT_BYTES:
            self._recent_bytes -= len(self._recent.popleft().raw)

    def view(self, now: float, *, width: int = 1, bars: int = 240) -> TallyView:
        """The counts at *now*, charted in *bars* buckets of *width* seconds."""
        totals = sorted(self._totals.items(), key=lambda row: (-row[1], row[0]))
        agents = sorted(self._agents.items(), key=lambda row: (-row[1].events, row[0]))
        return TallyView(
            version=self._version,
            received=self.received,
            malformed=self._malformed,
            skipped=self._skipped,
            rate=self._rate(now),
            by_type=tuple(totals),
            grants_created=self._totals["grant.created"],
            grants_revoked=self._totals["grant.revoked"],
            budget_alerts=self._totals["budget.threshold"] + self._totals["budget.exhausted"],
            buckets=self._buckets(now, width, bars, tuple(name for name, _ in totals)),
            agents=tuple(
                AgentRow(name, a.events, a.grants, a.tokens, a.last_at)
                for name, a in agents[:_TOP_AGENTS]
            ),
            recent=tuple(self._recent),
            budget=tuple(self._budget),
        )

    def _rate(self, now: float) -> float:
        """Events a second over the last whole seconds, or over the run while it is younger."""
        span = min(float(_RATE_SPAN), max(1.0, now - self._started_at))
        since = int(now) - span
        return sum(c.total() for second, c in self._seconds if since <= second < int(now)) / span

    def _buckets(self, now: float, width: int, bars: int, types: tuple[str, ...]) -> Buckets:
        last = int(now) // width
        first = max(int(self._started_at) // width, last - bars + 1)
        counts = [Counter[str]() for _ in range(last - first + 1)]
        for second, types_then in self._seconds:
            if 0 <= (index := second // width - first) < len(counts):
                counts[index].update(types_then)
        return Buckets(
            version=hash((self._version, last)),
            width=float(width),
            starts=tuple(float((first + i) * width) for i in range(len(counts))),
            types=types,
            counts=tuple(tuple(c[name] for name in types) for c in counts),
        )


def _row(item: Event | Malformed, sequence: int, received_at: float) -> EventRow:
    raw = item.raw if len(item.raw) <= _KEPT_PAYLOAD else item.raw[:_KEPT_PAYLOAD]
    if isinstance(item, Malformed):
        return EventRow(sequence, received_at, "", "", "", "", raw, item.reason)
    return EventRow(
        sequence, received_at, item.type, item.grant_id, item.agent_id, item.principal_id, raw
    )
