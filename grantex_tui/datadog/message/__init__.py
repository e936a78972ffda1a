"""Notification messages: Datadog's Handlebars templates, read to a tree and rendered.

Pure: a template and a `MessageContext` in, a text and its recipients out.
"""

from grantex_tui.datadog.message.context import MessageContext, message_context
from grantex_tui.datadog.message.errors import MessageError
from grantex_tui.datadog.message.parse import parse_template
from grantex_tui.datadog.message.render import Rendered, render
from grantex_tui.datadog.message.title import title
from grantex_tui.datadog.message.unknown import (
    UnknownName,
    text_outside,
    unknown_blocks,
    unknown_variables,
)


__all__ = [
    "MessageContext",
    "MessageError",
    "Rendered",
    "UnknownName",
    "message_context",
    "parse_template",
    "render",
    "text_outside",
    "title",
    "unknown_blocks",
    "unknown_variables",
]
