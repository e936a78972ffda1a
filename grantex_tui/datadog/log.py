"""A log as Datadog would hold it."""

from __future__ import annotations

from dataclasses import dataclass, field


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
