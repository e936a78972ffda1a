"""The way of one log through the pipelines, and the function that sends it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Protocol

from grantex_tui.datadog.log import Log


class Run:
    """What the steps of one log share: when it arrived, and which fields are decided."""

    __slots__ = ("_claimed", "received_at")

    def __init__(self, received_at: int) -> None:
        self.received_at = received_at
        self._claimed: list[str] = []

    def claim(self, official: str) -> bool:
        """Whether the caller is the first remapper of this field, over all pipelines."""
        if official in self._claimed:
            return False
        self._claimed.append(official)
        return True


Step = Callable[[Log, Run], None]


class Process(Protocol):
    """Pipelines, compiled: a log as the intake made it -> the log as Datadog would index it."""

    def __call__(self, log: Log, *, received_at: int) -> Log:
        """Process *log*, which arrived at *received_at* (epoch milliseconds); it is not changed."""
        ...


assign = object.__setattr__
"""Sets a field of a log that is still private: logs are frozen for everybody who is given one."""

_new = object.__new__
(
    _set_message,
    _set_attributes,
    _set_tags,
    _set_timestamp,
    _set_status,
    _set_host,
    _set_service,
    _set_source,
    _set_trace_id,
) = (getattr(Log, field.name).__set__ for field in fields(Log))


def private_copy(log: Log) -> Log:
    """A log with the same fields, sharing the attributes: fit for `assign`.

    Field by field past the frozen constructor, which takes 1.2 µs for what this does in 0.5.
    """
    draft = _new(Log)
    _set_message(draft, log.message)
    _set_attributes(draft, log.attributes)
    _set_tags(draft, log.tags)
    _set_timestamp(draft, log.timestamp)
    _set_status(draft, log.status)
    _set_host(draft, log.host)
    _set_service(draft, log.service)
    _set_source(draft, log.source)
    _set_trace_id(draft, log.trace_id)
    return draft


def run_pipelines(pipelines: Sequence[tuple[Callable[[Log], bool], Sequence[Step]]]) -> Process:
    """The function that takes a log through (filter, steps) pairs, in order.

    A log that no filter takes comes back as it is, the same object.
    """

    def process(log: Log, *, received_at: int) -> Log:
        draft = None
        run = None
        for matches, steps in pipelines:
            if not matches(draft or log):
                continue
            if draft is None or run is None:
                draft = private_copy(log)
                run = Run(received_at)
            for step in steps:
                step(draft, run)
        return draft or log

    return process
