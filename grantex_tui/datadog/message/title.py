"""The title of a notification: ``[Triggered on {host:h1}] Name``.

Datadog: monitors/configuration, "include triggering tags in notification title". The monitor's
name is a template as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.message.render import render


if TYPE_CHECKING:
    from grantex_tui.datadog.message.context import MessageContext
    from grantex_tui.datadog.monitor.model import Group, Monitor


def title(monitor: Monitor, context: MessageContext) -> str:
    """The title, with the group's tags unless ``include_tags`` is false; always one line.

    Raises:
        MessageError: The monitor's name is a template that can't be read.
    """
    shown = context.group if monitor.options.include_tags else ()
    where = f" on {{{_tags(shown)}}}" if shown else ""
    name = " ".join(render(monitor.name, context).body.split())
    return f"[{context.kind}{where}] {name}"


def _tags(group: Group) -> str:
    return ",".join(f"{' '.join(key.split())}:{' '.join(value.split())}" for key, value in group)
