"""One mutant against the tests that run the line it changes."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from tests.mutation.chosen import chosen_text
from tests.mutation.copies import Ended, Task
from tests.mutation.mutants import Mutant


class Outcome(enum.Enum):
    """What the tests made of a mutant."""

    NOTICED = "noticed"
    OUT_OF_TIME = "out of time"
    """Noticed, too: what took no time now takes forever."""
    SURVIVED = "survived"
    UNTESTED = "no test runs it"

    @property
    def is_noticed(self) -> bool:
        return self in (Outcome.NOTICED, Outcome.OUT_OF_TIME)


class BrokenRunError(Exception):
    """Pytest came to no result: no score can be told."""


SAME_EXAMPLES = ("-p", "tests.mutation.chosen", "--hypothesis-profile=mutants")
"""What hypothesis draws is the same in each run: with a mutant, and when lines are traced."""
_PASSED = 0
_FAILED = (1, 2, 3, 4)
"""A test failed; or a module couldn't be imported, by a test or before all tests."""


def trial(name: str, mutant: Mutant, source: str, seconds: Mapping[str, float]) -> Task:
    """Runs tests, the first first, over a module's *source* with the change.

    Args:
        name: of the task.
        mutant: of that module.
        source: the module without the change.
        seconds: what each of the tests takes without the change.
    """
    return _task(name, seconds, {mutant.path: mutant.applied(source)})


def rehearsed(seconds: Mapping[str, float]) -> Task:
    """The same tests over the program as it is, which has to pass."""
    return _task("the tests without a mutant", seconds, {})


def outcome(ended: Ended) -> Outcome:
    """What the end of a trial says.

    Raises:
        BrokenRunError: nothing; no test was run.
    """
    if ended.code is None:
        return Outcome.OUT_OF_TIME
    if ended.code == _PASSED:
        return Outcome.SURVIVED
    if ended.code in _FAILED:
        return Outcome.NOTICED
    raise BrokenRunError(
        f"{ended.task.name}: pytest ended with {ended.code}\n{ended.output[-2000:]}"
    )


def _task(name: str, seconds: Mapping[str, float], files: Mapping[str, str]) -> Task:
    took = sum(seconds.values())
    modules = dict.fromkeys(test.partition("::")[0] for test in seconds)
    return Task(
        name,
        ("-x", *SAME_EXAMPLES, "--chosen=chosen.txt", *modules),
        {**files, "chosen.txt": chosen_text(seconds)},
        cpu_s=30 + 10 * took,
        wall_s=120 + 20 * took,
    )
