"""Scripted faults. So far: which status the intake answers, request by request."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from grantex_tui.errors import UsageError


_STEP = re.compile(r"(?P<status>[2-5]\d\d)(?:@(?P<after>\d+))?(?:x(?P<times>\d+)|(?P<rest>\*))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One status, for a number of requests; 202 means: as the contract judges."""

    status: int
    times: int | None
    """None: for ever."""
    retry_after: int | None = None
    """Seconds in a ``Retry-After`` header."""


def parse_statuses(text: str) -> tuple[Step, ...]:
    """Read a script such as ``500x2,429@3,202*``.

    Two requests answered 500, one 429 with ``Retry-After: 3``, then all as the contract says,
    which is also what comes after the last step.

    Raises:
        UsageError: *text* is no such script.
    """
    steps = []
    for part in text.split(","):
        found = _STEP.fullmatch(part.strip())
        if found is None:
            raise UsageError(
                f"{part.strip()!r} is not a step of an intake script",
                hint="Write STATUS, STATUSxTIMES or STATUS*, with @SECONDS for Retry-After: "
                "500x2,429@3,202*",
            )
        after = found["after"]
        times = None if found["rest"] else int(found["times"] or 1)
        steps.append(Step(int(found["status"]), times, int(after) if after else None))
    return tuple(steps)


class IntakeScript:
    """Gives each request its step, in the order of arrival."""

    def __init__(self, steps: tuple[Step, ...] = ()) -> None:
        self._steps = steps
        self._left: deque[Step] = deque()
        self._used = 0
        self.restart()

    def restart(self) -> None:
        """From the first step again."""
        self._left = deque(step for step in self._steps if step.times != 0)
        self._used = 0

    @property
    def refuses_for_good(self) -> bool:
        """Whether every request from now on is refused."""
        return bool(self._left) and self._left[0].times is None and self._left[0].status >= 300

    def next(self) -> Step | None:
        """The step for the next request; None when the contract alone decides."""
        if not self._left:
            return None
        step = self._left[0]
        self._used += 1
        if step.times is not None and self._used >= step.times:
            self._left.popleft()
            self._used = 0
        return None if step.status == 202 else step
