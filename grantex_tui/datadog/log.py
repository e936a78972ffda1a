"""A log as Datadog would hold it, and the way from an intake entry to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Log:
    """One log after the intake, before or after pipelines.

    ``attributes`` holds the custom attributes (``@path`` in a search), nested as JSON; it is not
    to be changed in place. ``tags`` are normalised ``key:value`` or ``key``. ``timestamp`` is in
    milliseconds since the Unix epoch. Reserved attributes that are absent are empty texts.
    """

    message: str = ""
    attributes: dict[str, object] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    timestamp: int = 0
    status: str = "info"
    host: str = ""
    service: str = ""
    source: str = ""
    trace_id: str = ""


def log_from_entry(
    entry: Mapping[str, object],
    *,
    received_at: int,
    query_tags: str = "",
    parse_json_message: bool = True,
    agent_json: bool = False,
) -> Log:
    """The log of one intake entry, whether Datadog would keep it or not: see `entry.take_entry`."""
    from grantex_tui.datadog.entry import (
        take_entry,
    )  # its date rules live beside those of pipelines

    return take_entry(
        entry,
        received_at=received_at,
        query_tags=query_tags,
        parse_json_message=parse_json_message,
        agent_json=agent_json,
    ).log
