"""What was emitted, and what became of it: the proof that nothing was lost.

At every instant ``emitted = delivered + missing + filteredOut + forgotten``.

An entry counts as delivered only once its request was answered 202; an entry that was refused
and came again is therefore delivered once and no duplicate. Entries are matched to events by the
event id in their message, and compared with the payload by hash, so that the ledger never holds
a text.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from math import inf
from sys import intern
from typing import TYPE_CHECKING, Final

from grantex_sim.account.changes import Changes
from grantex_sim.account.delays import Delays
from grantex_sim.account.report import LATE_AFTER, Missing, MissingPage, Report
from grantex_sim.account.verdicts import SETTLE, EventVerdict, Judge, Verdicts
from grantex_sim.events.emission import emission
from grantex_sim.events.hearing import Cause, Hearing
from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_sim.account.report import Exchange
    from grantex_sim.account.streams import StreamReport
    from grantex_sim.account.verdicts import Refuses
    from grantex_sim.events.emission import Emission

REMEMBERED: Final = 1_000_000
"""Undelivered events, and about as many delivered ones, that are known by id."""
LISTED_MISSING: Final = 10_000
"""Ids of missing events that ``GET /_sim/ledger`` lists unless it is asked for all."""
KEPT_REQUESTS: Final = 1_000
KEPT_IDS: Final = 1_000
"""Ids that each list of peculiar events holds; the numbers beside them count on."""
_ID_AT: Final = len('{"id":"')


class _Recent:
    """A set that remembers at least its last *limit* members, and at most twice as many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, member: int) -> None:
        self._young.add(member)
        if len(self._young) >= self._limit:
            self._young, self._old = set(), self._young

    def __contains__(self, member: int) -> bool:
        return member in self._young or member in self._old


_Moment = tuple[float, float]
"""Monotonic seconds, and epoch seconds."""
_Expected = tuple[int, int, _Moment, str, Hearing]
"""Of an event that has not been delivered: its payload's hash, its place in the order of emission,
when it was emitted, its type, and who has heard it. A plain tuple, which takes a third of the time
of a named one to make; with its id and its place in the table, 250 bytes."""
TOO_LARGE: Final = Cause(0, "more than the intake takes in a request (5 MB)")


class Ledger:
    """The account of one run.

    Args:
        now: Monotonic seconds.
        date: Epoch seconds.
        late_after: Seconds beyond which a delivery is late.
        takes: Whether an event of that payload fits into a request to the intake.
        remembered: See `REMEMBERED`.
        kept_requests: See `KEPT_REQUESTS`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = lambda: 0.0,
        date: Callable[[], float] = lambda: 0.0,
        late_after: float = LATE_AFTER,
        takes: Callable[[bytes], bool] = lambda _: True,
        remembered: int = REMEMBERED,
        kept_requests: int = KEPT_REQUESTS,
    ) -> None:
        self._now = now
        self._date = date
        self._late_after = late_after
        self._takes = takes
        self.refusal: Callable[[float], Refuses | None] = lambda _: None
        """What the intake refuses for good; told when it last accepted a request."""
        self.refused_at: Callable[[], float] = lambda: -inf
        """When a fault last had it refuse everything for a time, monotonic seconds."""
        self.is_busy: Callable[[], bool] = lambda: False
        """Whether the intake is at work on a request."""
        self._remembered = remembered
        self._kept_requests = kept_requests
        self.changes = Changes()
        """Told of every emission and every answer; by others, of clients and notifications."""
        self.reset()

    def reset(self) -> None:
        """Begin a new account; events already on their way will count as unknown."""
        self._outstanding: dict[str, _Expected] = {}
        self._filtered: dict[str, _Expected] = {}
        self._filtered_forgotten = 0
        self._too_large: set[str] = set()
        self._accepted_at = self._quiet_since = -inf
        self._newest = 0
        self._delays = Delays()
        self._altered: list[str] = []
        self._duplicates: list[str] = []
        self._late: list[str] = []
        self._reordered: list[str] = []
        self._delivered_ids = _Recent(self._remembered)
        self._requests: deque[Exchange] = deque(maxlen=self._kept_requests)
        self.answered = 0
        self.emitted = 0
        self.emitted_again = 0
        self.unidentified = 0
        self.forgotten = 0
        self.delivered = 0
        self.duplicates = 0
        self.altered = 0
        self.late = 0
        self.reordered = 0
        self.unheard = 0
        self.truncated = 0
        self.unknown = 0
        self.refused = 0
        self.refused_entries = 0

    def emit(
        self,
        emissions: Sequence[Emission],
        *,
        listening: int = 1,
        types: frozenset[str] | None = None,
        hearings: Sequence[Hearing] | None = None,
    ) -> None:
        """These are put on the stream.

        Args:
            emissions: In their order.
            listening: How many clients listen.
            types: What the clients' filters let pass, taken together; None: everything.
            hearings: What comes of each on the streams; if not given, all who listen have it.
        """
        outstanding, filtered = self._outstanding, self._filtered
        moment = self._now(), self._date()
        if hearings is None:
            hearings = [self._plain_hearing(listening)] * len(emissions)
        for event, hearing in zip(emissions, hearings, strict=True):
            event_id = event.id
            if not event_id:
                self.unidentified += 1
            elif (
                event_id in outstanding
                or event_id in filtered
                or hash(event_id) in self._delivered_ids
            ):
                self.emitted_again += 1
                self._heard_again(event_id, hearing)
            else:
                self.emitted += 1
                passes = types is None or not event.type or event.type in types
                expected = (hash(event.payload), self.emitted, moment, intern(event.type), hearing)
                (outstanding if passes else filtered)[event_id] = expected
                if not self._takes(event.payload):
                    self._too_large.add(event_id)
                self.unheard += not listening
        if len(outstanding) > self._remembered:
            self.forgotten += self._forget(outstanding)
        if len(self._filtered) > self._remembered:
            self._filtered_forgotten += self._forget(self._filtered)
        self.changes.notify()

    def _plain_hearing(self, listening: int) -> Hearing:
        hearing = Hearing()
        if listening:
            hearing.hear(self._now())
        return hearing

    def _heard_again(self, event_id: str, hearing: Hearing) -> None:
        """Of an event that goes out again, the copy counts that somebody hears."""
        for expected in (self._outstanding, self._filtered):
            known = expected.get(event_id)
            if known is not None and known[4].heard_at is None:
                expected[event_id] = (*known[:4], hearing)

    def put_off(self, seconds: float) -> None:
        """A forwarder is told to wait so long before it sends anything again."""
        self._quiet_since = max(self._quiet_since, self._now() + seconds)

    def answer(
        self, exchange: Exchange, messages: Sequence[str], truncated: frozenset[int] = frozenset()
    ) -> None:
        """A request has been answered; only now do its entries count."""
        self._requests.append(exchange)
        self.answered += 1
        if exchange.status != 202:
            self.refused += 1
            self.refused_entries += len(messages)
            self.put_off(0.0)
        else:
            self.truncated += len(truncated)
            self._accepted_at = self._now()
            self._take(messages, truncated)
        self.changes.notify()

    def _take(self, messages: Sequence[str], truncated: frozenset[int]) -> None:
        now, taken = self._now(), Counter[float]()
        for index, message in enumerate(messages):
            emitted_at = self._deliver(message, now, compare=index not in truncated)
            if emitted_at is not None:
                taken[emitted_at] += 1
        for emitted_at, count in taken.items():  # events of one block share their instant
            self._delays.add(now - emitted_at, count)

    def _deliver(self, message: str, now: float, *, compare: bool) -> float | None:
        """When the entry's event was emitted; None if it delivers none."""
        event_id = _event_id(message)
        expected = self._outstanding.pop(event_id, None) or self._filtered.pop(event_id, None)
        if expected is None:
            self._superfluous(event_id)
            return None
        digest, number, (emitted_at, _), _, _ = expected
        self.delivered += 1
        self._delivered_ids.add(hash(event_id))
        if number < self._newest:
            self.reordered += 1
            _keep(self._reordered, event_id)
        else:
            self._newest = number
        if now - emitted_at > self._late_after:
            self.late += 1
            _keep(self._late, event_id)
        if compare and hash(message.encode("utf-8", "replace")) != digest:
            self.altered += 1
            _keep(self._altered, event_id)
        return emitted_at

    def _superfluous(self, event_id: str) -> None:
        if event_id and hash(event_id) in self._delivered_ids:
            self.duplicates += 1
            _keep(self._duplicates, event_id)
        else:
            self.unknown += 1

    def verdict(self, event_id: str) -> tuple[EventVerdict, Cause | None]:
        """The verdict on an event that was emitted, and the fault that it names.

        What is not known any more counts as delivered: the account of it is `forgotten`.
        """
        for expected, is_filtered in ((self._outstanding, False), (self._filtered, True)):
            if (known := expected.get(event_id)) is not None:
                judge = self._judge(SETTLE)
                return judge.verdict(event_id, known[3], known[4], is_filtered=is_filtered)
        return EventVerdict.DELIVERED, None

    def _judge(self, settle: float) -> Judge:
        return Judge(
            now=self._now(),
            quiet_since=max(self._quiet_since, self.refused_at()),
            settle=settle,
            is_busy=self.is_busy(),
            refuses=self._refuses(),
        )

    def _refuses(self) -> Refuses | None:
        by_fault, too_large = self.refusal(self._accepted_at), self._too_large
        if not too_large:
            return by_fault

        def refuses(event_type: str, event_id: str) -> Cause | None:
            if event_id in too_large:
                return TOO_LARGE
            return by_fault(event_type, event_id) if by_fault is not None else None

        return refuses

    def _judged(self, settle: float) -> Iterator[tuple[str, _Expected, EventVerdict, Cause | None]]:
        """Each event that has not been delivered, and the verdict on it."""
        judge = self._judge(settle)
        for event_id, known in self._outstanding.items():
            yield event_id, known, *judge.verdict(event_id, known[3], known[4])
        for event_id, known in self._filtered.items():
            yield event_id, known, *judge.verdict(event_id, known[3], known[4], is_filtered=True)

    @property
    def missing(self) -> int:
        """How many events were emitted, are known by id, and have not been delivered."""
        return len(self._outstanding)

    @property
    def last_refusal(self) -> str:
        """Status and reason of the newest request that was not accepted, if it is kept."""
        refused = (said for said in reversed(self._requests) if said.status != 202)
        said = next(refused, None)
        return f"{said.status} {said.reason}".strip() if said is not None else ""

    @property
    def filtered_out(self) -> int:
        """How many events no client's filter let pass."""
        return len(self._filtered) + self._filtered_forgotten

    def _forget(self, expected: dict[str, _Expected]) -> int:
        """Drop the oldest tenth: one by one, a dict's front costs more and more to find."""
        oldest = tuple(islice(expected, self._remembered // 10 + 1))
        for event_id in oldest:
            del expected[event_id]
        return len(oldest)

    async def wait(self, delivered: int, timeout_s: float) -> bool:
        """Wait until *delivered* events have been; False when *timeout_s* seconds passed first."""
        return await self.changes.until(lambda: self.delivered >= delivered, timeout_s)

    def missing_page(
        self,
        *,
        after: int = 0,
        limit: int = LISTED_MISSING,
        verdict: EventVerdict | None = None,
        settle: float = SETTLE,
    ) -> MissingPage:
        """The events that are missing, in order of emission, each with its verdict.

        Args:
            after: The place of the event that they follow.
            limit: The most to give.
            verdict: Only those; None: all that are missing, which what is filtered is not.
            settle: Seconds in which what was heard is pending.
        """
        if verdict is None:
            chosen = (each for each in self._judged(settle) if each[0] in self._outstanding)
        else:
            chosen = (each for each in self._judged(settle) if each[2] is verdict)
        behind = (each for each in chosen if each[1][1] > after)
        found = [*map(_as_missing, islice(behind, limit))]
        more = next(behind, None) is not None
        count = self.missing if verdict is None else self._verdicts(settle)[0][verdict]
        return MissingPage(
            count=count, events=found, next=found[-1].number if more and found else None
        )

    def _verdicts(self, settle: float) -> tuple[Counter[EventVerdict], list[str]]:
        """How many there are of each, and the ids of what is lost."""
        counts, lost = Counter[EventVerdict](), list[str]()
        counts[EventVerdict.DELIVERED] = self.delivered
        for event_id, _, verdict, _ in self._judged(settle):
            counts[verdict] += 1
            if verdict is EventVerdict.LOST:
                lost.append(event_id)
        counts[EventVerdict.FILTERED] += self._filtered_forgotten
        return counts, lost

    def report(
        self,
        *,
        clients: int = 0,
        clients_cut: int = 0,
        streams: Sequence[StreamReport] = (),
        emitting: bool = False,
        most_missing: int | None = None,
        settle: float = SETTLE,
        streams_opened: int = 0,
        connections_hit: int = 0,
    ) -> Report:
        """The account so far, with the first *most_missing* ids of those that are missing."""
        missing = [*islice(self._outstanding, most_missing)]
        counts, lost = self._verdicts(settle)
        return Report(
            verdicts=Verdicts(**{each.value: count for each, count in counts.items()}),
            lost=lost[:most_missing],
            settle=settle,
            streams_opened=streams_opened,
            connections_hit=connections_hit,
            emitted=self.emitted,
            delivered=self.delivered,
            duplicates=self.duplicates,
            missing=missing,
            missing_count=self.missing,
            missing_more=self.missing - len(missing),
            refused=self.refused,
            refused_entries=self.refused_entries,
            altered=self.altered,
            truncated=self.truncated,
            unknown=self.unknown,
            emitted_again=self.emitted_again,
            unidentified=self.unidentified,
            forgotten=self.forgotten,
            requests=list(self._requests),
            requests_dropped=self.answered - len(self._requests),
            clients=clients,
            clients_cut=clients_cut,
            filtered_out=self.filtered_out,
            unheard=self.unheard,
            late=self.late,
            late_after=self._late_after,
            delay=self._delays.report(),
            reordered=self.reordered,
            duplicate_ids=[*self._duplicates],
            altered_ids=[*self._altered],
            late_ids=[*self._late],
            reordered_ids=[*self._reordered],
            streams=[*streams],
            emitting=emitting,
        )


def _as_missing(judged: tuple[str, _Expected, EventVerdict, Cause | None]) -> Missing:
    event_id, (_, number, (_, date), name, hearing), verdict, cause = judged
    return Missing(
        number=number,
        id=event_id,
        type=name,
        emitted_at=rfc3339(date),
        verdict=verdict.value,
        fault=cause.number if cause is not None else 0,
        cause=cause.line if cause is not None else "",
        client=hearing.client if verdict is EventVerdict.WITHHELD else 0,
    )


def _keep(ids: list[str], event_id: str) -> None:
    if len(ids) < KEPT_IDS:
        ids.append(event_id)


def _event_id(message: str) -> str:
    """The id of the event in a log's message; empty if there is none."""
    if message.startswith('{"id":"'):  # as the service writes it: no need to parse
        event_id = message[_ID_AT : message.find('"', _ID_AT)]
        if "\\" not in event_id:
            return event_id
    return emission(message.encode("utf-8", "replace")).id
