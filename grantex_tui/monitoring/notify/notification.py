"""What people get for a transition: title, body, and who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.message import message_context, render, title
from grantex_tui.datadog.sites import DEFAULT_SITE
from grantex_tui.monitoring.evaluate.states import Notification, State


if TYPE_CHECKING:
    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.evaluate.states import Transition


def notification(
    monitor: Monitor,
    transition: Transition,
    *,
    sample: Log | None = None,
    site: str = DEFAULT_SITE,
) -> Notification:
    """The notification for a transition; whether it is sent at all is ``transition.notify``.

    When people are told again, the escalation message follows the message, as Datadog's "a message
    to include with a re-notification".

    Args:
        monitor: whose transition it is.
        transition: one of its own, or what `NotifyBy` made of several.
        sample: a log that the query counted, for ``{{log.…}}``; unused on recovery and No Data.
        site: the Datadog site that links lead to.

    Raises:
        MessageError: A template can't be read; `load_monitors` refuses such monitors.
    """
    triggered = transition.destination in (State.ALERT, State.WARN)
    context = message_context(
        monitor,
        source=transition.source.value,
        destination=transition.destination.value,
        kind=transition.kind.value,
        at=transition.at,
        value=transition.value,
        group=transition.group,
        first_triggered_at=transition.first_triggered_at,
        last_triggered_at=transition.last_triggered_at,
        log=sample if triggered else None,
        site=site,
    )
    templates = [monitor.message]
    if context.is_renotify and monitor.options.escalation_message:
        templates.append(monitor.options.escalation_message)
    rendered = [render(template, context) for template in templates]
    return Notification(
        transition=transition,
        recipients=tuple(dict.fromkeys(name for part in rendered for name in part.recipients)),
        title=title(monitor, context),
        body="\n\n".join(part.body for part in rendered if part.body),
    )
