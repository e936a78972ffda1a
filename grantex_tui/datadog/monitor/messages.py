"""Advice for what a monitor says: texts, blocks, variables, handles and repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.message import (
    MessageContext,
    message_context,
    parse_template,
    render,
    text_outside,
    unknown_blocks,
    unknown_variables,
)
from grantex_tui.datadog.message.handles import handles
from grantex_tui.datadog.message.tree import Text
from grantex_tui.datadog.message.unknown import own_texts
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.monitor.model import Monitor


_VARIABLES = "Datadog: monitors/notify/variables"
_NOTIFY = "Datadog: monitors/notify"


def message_advice(monitor: Monitor) -> Iterator[Problem]:
    """Advice for the message, the name and the escalation message."""
    texts = {
        "name": monitor.name,
        "message": monitor.message,
        "options.escalation_message": monitor.options.escalation_message,
    }
    for where, text in texts.items():
        yield from _names(monitor, text, where)
    yield from _outside(monitor.message)
    yield from _recipients(monitor.message)
    yield from _recovery(monitor)
    yield from _renotify(monitor)


def _names(monitor: Monitor, text: str, where: str) -> Iterator[Problem]:
    for block in unknown_blocks(text):
        known = block.name == "is_warning_to_alert"
        yield Problem(
            "error",
            "is-warning-to-alert" if known else "unknown-block",
            f"{block.name!r} {block.reason}: the text inside is never sent",
            where,
            f"{_VARIABLES}: the list of conditional variables",
            block.fix,
        )
    for variable in unknown_variables(text, monitor.query):
        yield Problem(
            "advice",
            "unknown-variable",
            f"{{{{{variable.name}}}}} {variable.reason}: it stays empty",
            where,
            _VARIABLES,
            variable.fix,
        )


def _outside(message: str) -> Iterator[Problem]:
    outside = text_outside(message)
    if outside is None:
        return
    text = " ".join(outside[0].split())
    shown = text if len(text) <= 40 else text[:39] + "…"
    yield Problem(
        "advice",
        "text-outside-blocks",
        f"{shown!r} stands outside any block, so it goes out on every transition, recovery included",
        "message",
        f"{_VARIABLES}: conditional variables",
        "put it into {{#is_alert}}…{{/is_alert}}, {{#is_warning}}… or {{#is_recovery}}…",
    )


def _recipients(message: str) -> Iterator[Problem]:
    nodes = parse_template(message).nodes
    outside = handles((node.text, True) for node in nodes if isinstance(node, Text))
    everywhere = handles((text + " ", True) for text in own_texts(nodes))
    if not outside or set(outside) != set(everywhere):
        return
    yield Problem(
        "advice",
        "handles-outside-blocks",
        f"{', '.join(outside)} stands outside any block: everybody is told of every transition",
        "message",
        f"{_NOTIFY}: a handle inside a block notifies only then",
        "put handles into the blocks whose transitions they are for",
    )


def _recovery(monitor: Monitor) -> Iterator[Problem]:
    if not monitor.message.strip():
        yield Problem(
            "advice",
            "empty-message",
            "the message is empty: whoever is paged learns the title only",
            "message",
            _NOTIFY,
            "say what happened, what to look at first, and what to do",
        )
    elif not render(monitor.message, _recovered(monitor)).body:
        yield Problem(
            "advice",
            "no-recovery-text",
            "nothing is said on recovery: the message is empty then",
            "message",
            f"{_VARIABLES}: is_recovery",
            "add {{#is_recovery}}…{{/is_recovery}}: what is over, and what is left to do",
        )


def _recovered(monitor: Monitor) -> MessageContext:
    return message_context(
        monitor,
        source="Alert",
        destination="OK",
        kind="Recovered",
        at=0.0,
        value=0.0,
        group=[(facet, "x") for facet in monitor.query.group_by],
        first_triggered_at=0.0,
        last_triggered_at=0.0,
    )


def _renotify(monitor: Monitor) -> Iterator[Problem]:
    options = monitor.options
    if options.renotify_interval and not options.renotify_occurrences:
        yield Problem(
            "advice",
            "renotify-uncapped",
            f"repeats every {options.renotify_interval} minutes have no cap: an alert of a weekend "
            f"sends {48 * 60 // options.renotify_interval} of them a group",
            "options.renotify_interval",
            f"{_NOTIFY}: renotify; pages disagree whether it ever ends by itself",
            'add "renotify_occurrences": 3',
        )
