"""The logs that the mock Datadog holds: what was accepted, indexed when somebody first asks.

The intake takes hundreds of thousands of entries a second and most tests never search; so a
request is kept as it was sent, and its entries become logs (preprocessing, then pipelines) in
the order of their arrival as soon as a search or a change of the pipelines needs them. Whoever
watches (monitors) is shown the requests, each once, and makes of them only what it needs.
Memory is bounded by entries, bytes and age; what had to go is counted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from grantex_sim.datadog_api.entries import Accepted
from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.pipeline import compile_pipelines


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_sim.http.wire import Request
    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline import Pipeline

KEPT_LOGS: Final = 100_000
"""About 200 MB once they are indexed."""
KEPT_BYTES: Final = 64 * 1024 * 1024
"""Of the requests' bodies, as sent."""
KEPT_SECONDS: Final = 15 * 86_400.0
"""Datadog's usual retention of indexed logs."""

_by_time = itemgetter(0, 1)


class Stored(NamedTuple):
    """A log in the store; ordered by its date, then by its arrival."""

    timestamp: int
    sequence: int
    log: Log
    touched: bool
    """Whether a pipeline took it."""


@dataclass(slots=True)
class Batch:
    """The logs of one request."""

    accepted: Accepted
    logs: Sequence[Stored] | None = None
    """None until they are indexed."""


class LogStore:
    """Keeps what the intake accepted.

    Args:
        pipelines: What logs go through.
        kept_logs: The most entries.
        kept_bytes: The most bytes of requests as sent.
        kept_seconds: The greatest age since arrival.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        kept_logs: int = KEPT_LOGS,
        kept_bytes: int = KEPT_BYTES,
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self.pipelines = pipelines
        self._process = compile_pipelines(pipelines)
        self._watcher: Callable[[Accepted], None] | None = None
        self._limits = kept_logs, kept_bytes, kept_seconds
        self._sequence = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything; the sequence goes on, so that no id comes twice."""
        self._batches: deque[Batch] = deque()
        self._pending: deque[Batch] = deque()
        self._unseen: deque[Accepted] = deque()
        self._found: list[Stored] | None = None
        self._is_sorted = False
        self._count = 0
        self._bytes = 0
        self.accepted = 0
        """Entries since the start or the last `clear`."""
        self.dropped = 0
        """Of those, how many had to go to bound memory."""
        self.out_of_window = 0
        """Indexed entries that Datadog drops in silence, for their date."""
        self.dropped_until: float | None = None
        """The arrival of the newest that had to go."""

    def take(self, request: Request, count: int, at: float) -> None:
        """The intake has accepted *count* entries, which arrived at *at* (epoch seconds)."""
        batch = Batch(Accepted(at, request, count))
        self._batches.append(batch)
        self._pending.append(batch)
        if self._watcher is not None:
            self._unseen.append(batch.accepted)
        self.accepted += count
        self._count += count
        self._bytes += len(request.body)
        self._bound(at)

    def _bound(self, now: float) -> None:
        logs, size, seconds = self._limits
        batches = self._batches
        while len(batches) > 1 and (
            self._count > logs or self._bytes > size or batches[0].accepted.at < now - seconds
        ):
            self._drop(batches.popleft())

    def _drop(self, batch: Batch) -> None:
        accepted = batch.accepted
        # The oldest of all is the oldest of those that are pending, and of those that are unseen.
        if batch.logs is None:
            self._pending.popleft()
        if self._unseen and self._unseen[0] is accepted:
            self.show_next()
        self._count -= accepted.count
        self._bytes -= len(accepted.request.body)
        self.dropped += accepted.count
        self.dropped_until = accepted.at
        self._found = None

    def requests(self) -> Iterator[Accepted]:
        """What was accepted and is kept, by arrival."""
        return (batch.accepted for batch in self._batches)

    def watch(self, watcher: Callable[[Accepted], None] | None) -> None:
        """Show *watcher* each request from now on, by arrival and before it may go; None: nobody.

        It is shown them when somebody calls `show`, at the latest when they are dropped.
        """
        self._watcher = watcher
        if watcher is None:
            self._unseen.clear()

    @property
    def unseen(self) -> int:
        """How many requests the watcher has not been shown."""
        return len(self._unseen)

    def show(self) -> None:
        """Show the watcher everything that has been accepted."""
        while self.show_next():
            pass

    def show_next(self) -> bool:
        """Show the watcher one more request; False when there is none."""
        if not self._unseen or self._watcher is None:
            return False
        self._watcher(self._unseen.popleft())
        return True

    def use(self, pipelines: Sequence[Pipeline]) -> None:
        """From now on logs go through other pipelines; those that are there stay as they are."""
        self.show()
        self.index()
        self.pipelines = pipelines
        self._process = compile_pipelines(pipelines)

    @property
    def pending(self) -> int:
        """How many requests are accepted and not indexed."""
        return len(self._pending)

    def index(self) -> None:
        """Make logs of everything that has been accepted."""
        while self.index_next():
            pass

    def index_next(self) -> bool:
        """Make logs of one more request; False when there is none."""
        if not self._pending:
            return False
        batch = self._pending.popleft()
        batch.logs = self._logs(batch.accepted)
        if self._found is not None:
            self._found += batch.logs
            self._is_sorted = False
        return True

    def _logs(self, accepted: Accepted) -> Sequence[Stored]:
        received_at = int(accepted.at * 1000)
        tags, agent = accepted.query_tags, accepted.agent_json
        logs = []
        for entry in accepted.entries():
            taken = take_entry(entry, received_at=received_at, query_tags=tags, agent_json=agent)
            if not taken.kept:
                self.out_of_window += 1
                continue
            log = self._process(taken.log, received_at=received_at)
            logs.append(Stored(log.timestamp, self._sequence, log, log is not taken.log))
            self._sequence += 1
        return logs

    def logs(self) -> Sequence[Stored]:
        """Every log, the oldest first."""
        self.index()
        if self._found is None:
            self._found = [stored for batch in self._batches for stored in batch.logs or ()]
            self._is_sorted = False
        if not self._is_sorted:
            self._found.sort(key=_by_time)  # in order but for its end: a merge
            self._is_sorted = True
        return self._found

    def snapshot(self) -> Sequence[Stored]:
        """Every log, the oldest first, for who looks at them while others arrive."""
        return [*self.logs()]

    def by_arrival(self) -> Iterator[tuple[float, Sequence[Stored]]]:
        """The logs of each request that is kept, and when it arrived."""
        self.index()
        return ((batch.accepted.at, batch.logs or ()) for batch in self._batches)
