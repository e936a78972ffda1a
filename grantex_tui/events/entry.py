"""What every log of an event carries, as Grantex's guide to Datadog has it."""

from __future__ import annotations


HOSTNAME = "grantex-auth-service"


def type_tag(event_type: str) -> str:
    """The tag that names the event's type.

    A comma would begin a tag of the event's own choosing; Datadog itself makes it ``_``.
    """
    return f"type:{event_type.replace(',', '_')}"
