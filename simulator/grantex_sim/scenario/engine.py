"""Runs a scenario's world: who does what at which moment, as events in the order of the stream.

A story of the phase's mix begins at each moment that the rate gives. What a story brings along
comes at the same moment, what follows from it comes later, and for each of those one of the next
moments is left out, so that the rate is of events, not of stories. What is injected comes on top.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

from grantex_sim.events.dice import Dice
from grantex_sim.events.stories import Mix, mixed
from grantex_sim.events.world import World
from grantex_sim.names.local import local_pool
from grantex_sim.scenario.injected import cast_of, moments_of, story_of
from grantex_sim.scenario.rates import stretches


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_sim.events.shapes import Story
    from grantex_sim.events.world import Cast
    from grantex_sim.scenario.model import Activity, Phase, Scenario

Sent = tuple[int, str]
"""When an event reaches its readers (epoch ms), and its JSON."""

_FOREVER: Final = 1 << 62
_LATENCIES: Final = (*(1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9) * 4, 11, 13, 18, 51)
"""Milliseconds from ``createdAt`` to a reader. Measured: median 3.1, 95 % 13, longest 51."""
_LATENCY_COUNT: Final = len(_LATENCIES)
_BUSY_MS: Final = 60
"""Events so close together share a latency: they wait in the same queue."""
_OVERTAKEN: Final = 1 / 60
"""Share of events that come after younger ones if there are such within 4 ms."""
_BESIDE: Final = 1 / 20
"""Share of events of a request that are dated a millisecond before one that came earlier."""
_TIMES: Final = 1
"""The stream of chance for moments; the world has stream 0, so that neither disturbs the other."""


@dataclass(slots=True)
class _Due:
    """Something that is to happen at a known moment."""

    story: Story
    cast: Cast
    counts: bool
    """It stands for one of the moments of the rate."""
    again: Iterator[int] | None = None


class Engine:
    """One run of a scenario, once."""

    def __init__(self, scenario: Scenario) -> None:
        self._begin = round(scenario.start * 1000)
        self._end = self._begin + round(scenario.duration * 1000)
        self._scenario = scenario
        names = local_pool(scenario.locale, scenario.seed) if scenario.locale else None
        self._world = World(
            scenario.seed, self._begin, scenario.populations, scenario.habits, names
        )
        self._world.later = self._later
        self._along, self._now = self._world.along, self._world.now
        self._random, self._tail = self._world.dice.random, self._world.tail
        self._times = Dice(scenario.seed, _TIMES)
        self._queue: list[tuple[int, int, _Due]] = []
        self._number = count()
        self._silences: list[tuple[int, int]] = []
        self._at = self._begin
        self._latency = _LATENCIES[0]
        self._counts = True
        self._owed = 0
        """Moments to leave out, for what came along or followed."""
        self._sent: list[Sent] = []

    def blocks(self) -> Iterator[list[Sent]]:
        """All events, in order, in blocks of a thousand or of five minutes."""
        self._prepare(self._scenario.activities, self._begin, self._end)
        for phase, begin, end in phases_of(self._scenario.phases, self._begin, self._end):
            self._prepare(phase.activities, begin, min(end, self._end))
            random = self._times.random if phase.poisson else None
            mix = mixed(phase.mix)
            for _, last, moments in stretches(
                phase.rate, begin, end, until=self._end, random=random
            ):
                self._run(self._audible(moments), mix)
                self._catch_up(last - 1)
                if self._sent:
                    yield self._sent
                    self._sent = []

    def _run(self, moments: list[int], mix: Mix) -> None:
        """Begin a story at each moment.

        `_tell` written out: its call and what it looks up are a tenth of the time of everything.
        """
        stories, bounds, total = mix.stories, mix.bounds, mix.total
        world, now, random, tail = self._world, self._now, self._random, self._tail
        queue, sent, along, begin = self._queue, self._sent, self._along, self._begin
        move = now.move
        for at in moments:
            if queue and queue[0][0] <= at:
                self._catch_up(at)
            if self._owed:
                self._owed -= 1
                continue
            story = stories[bisect(bounds, random() * total)]
            if at - self._at > _BUSY_MS:
                self._latency = _LATENCIES[int(random() * _LATENCY_COUNT)]
            self._at = at
            created = at - self._latency
            if random() < _OVERTAKEN:
                created -= 1 + int(random() * 4)
            move(created if created > begin else begin)  # noqa: FURB136 - max() takes longer
            if told := story(world):
                text = (
                    f'{{"id":"evt_{now.ulid}{tail()}","type":"{told[0]}",'
                    f'"createdAt":"{now.text}","data":{told[1]}}}'
                )
                sent.append((at, text))
                if along:
                    self._tell_along(at)

    def _catch_up(self, at: int) -> None:
        """Let everything happen that is due until *at*."""
        queue, world = self._queue, self._world
        while queue and queue[0][0] <= at:
            moment, _, due = heappop(queue)
            world.cast, self._counts = due.cast, due.counts
            before = len(self._sent)
            self._tell(moment, due.story)
            if due.counts:
                self._owed += len(self._sent) > before
            if due.again is not None:
                self._push(next(due.again, _FOREVER), due)
        world.cast, self._counts = world.everybody, True

    def _tell(self, at: int, story: Story) -> None:
        now, random = self._now, self._random
        if at - self._at > _BUSY_MS:
            self._latency = _LATENCIES[int(random() * _LATENCY_COUNT)]
        self._at = at
        created = at - self._latency
        if random() < _OVERTAKEN:
            created -= 1 + int(random() * 4)
        now.move(max(self._begin, created))
        if told := story(self._world):
            kind, data = told
            text = (
                f'{{"id":"evt_{now.ulid}{self._tail()}","type":"{kind}",'
                f'"createdAt":"{now.text}","data":{data}}}'
            )
            self._sent.append((at, text))
            if self._along:
                self._tell_along(at)

    def _tell_along(self, at: int) -> None:
        if self._counts:
            self._owed += len(self._along)
        for kind, data in self._along:
            if self._random() < _BESIDE:
                self._now.move(max(self._begin, self._now.ms - 1))
            text = (
                f'{{"id":"evt_{self._now.ulid}{self._tail()}","type":"{kind}",'
                f'"createdAt":"{self._now.text}","data":{data}}}'
            )
            self._sent.append((at, text))
        self._along.clear()

    def _later(self, delay: int, story: Story) -> None:
        self._push(self._at + delay, _Due(story, self._world.cast, self._counts))

    def _push(self, moment: int, due: _Due) -> None:
        for begin, end in self._silences:
            if begin <= moment < end:
                moment = end
        if moment < self._end:
            heappush(self._queue, (moment, next(self._number), due))

    def _audible(self, moments: list[int]) -> list[int]:
        for begin, end in self._silences:
            if moments and begin <= moments[-1] and moments[0] < end:
                moments = [at for at in moments if not begin <= at < end]
        return moments

    def _prepare(self, activities: Sequence[Activity], begin: int, end: int) -> None:
        """Bring activities from *begin* to *end* into the queue."""
        spans = [(activity, spans_of(activity, begin, end)) for activity in activities]
        silences = [span for activity, found in spans if activity.silence for span in found]
        if silences:
            past = [silence for silence in self._silences if silence[1] > begin]
            self._silences = sorted([*past, *silences])
            waiting, self._queue[:] = self._queue[:], []
            for moment, _, due in sorted(waiting, key=lambda each: each[:2]):
                self._push(moment, due)
        for activity, found in spans:
            for inject in activity.inject:
                moments = moments_of(inject, found, self._times)
                if (first := next(moments, None)) is not None:
                    cast = cast_of(inject, self._world)
                    self._push(first, _Due(story_of(inject), cast, counts=False, again=moments))


def phases_of(phases: Sequence[Phase], begin: int, end: int) -> Iterator[tuple[Phase, int, int]]:
    """Each phase with its beginning and its own end, which may lie beyond *end*."""
    at = begin
    while at < end and phases:
        for phase in phases:
            if at >= end:
                return
            last = end if phase.duration is None else at + phase.duration
            yield phase, at, last
            at = last


def spans_of(activity: Activity, begin: int, end: int) -> list[tuple[int, int]]:
    """Where an activity lies (epoch ms), as often as it comes before *end*."""
    found = []
    start, length = begin + activity.start, activity.end - activity.start
    while start < end:
        found.append((start, min(start + length, end)))
        if not activity.every:
            break
        start += activity.every
    return found
