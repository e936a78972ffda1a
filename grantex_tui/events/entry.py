"""What every log of an event carries, as Grantex's guide to Datadog has it, and who may change it."""

from __future__ import annotations

from dataclasses import dataclass

from grantex_tui.clock import parse_rfc3339


HOSTNAME = "grantex-auth-service"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a forwarder puts on the log of each event, besides the event and its type's tag."""

    tags: tuple[str, ...] = ()
    service: str = "grantex"
    source: str = "grantex"
    """``ddsource``."""
    host: str = HOSTNAME


def type_tag(event_type: str) -> str:
    """The tag that names the event's type.

    A comma would begin a tag of the event's own choosing; Datadog itself makes it ``_``.
    """
    return f"type:{event_type.replace(',', '_')}"


def entry_date(created_at: str) -> str:
    """What ``--entry-date`` puts into a log as ``timestamp``; empty where that is no instant."""
    try:
        parse_rfc3339(created_at)
    except ValueError:
        return ""
    return created_at
