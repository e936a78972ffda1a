"""Who is told: the ``@handles`` of a rendered message.

Datadog: monitors/notify, "notifications": ``@slack-channel``, ``@pagerduty-Service``,
``@webhook-name``, ``@workflow-name``, ``@user@example.com``, also ``@slack-{{team.name}}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_SIGN = re.compile("@")
_HANDLE = re.compile(r"(?<![\w@.\[])@(?P<name>\w[\w.+-]*(?:@[\w-]+(?:\.[\w-]+)+)?)(?P<search>:\S)?")


def handles(parts: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """The handles in the order of their first appearance, as written, with the ``@``.

    A handle begins with an ``@`` that the template's author wrote; a value put in for a variable
    may complete it (``@slack-{{team.name}}``) but never begins one, so an event can't choose who
    is told. ``@path.to.attribute:value`` is a log search, not a handle.

    Args:
        parts: The rendered text in pieces; True for the template's own, False for values.
    """
    pieces = list(parts)
    text = "".join(piece for piece, _ in pieces)
    own = frozenset(_own_signs(pieces))
    names = (_name(match) for match in _HANDLE.finditer(text) if match.start() in own)
    return tuple(dict.fromkeys(f"@{name}" for name in names if name))


def _own_signs(pieces: Iterable[tuple[str, bool]]) -> Iterator[int]:
    """Where the template's own ``@`` stand in the whole text."""
    at = 0
    for text, own in pieces:
        if own:
            yield from (at + match.start() for match in _SIGN.finditer(text))
        at += len(text)


def _name(match: re.Match[str]) -> str:
    """Without the full stop of its sentence; empty for a search's attribute and for ``@slack-``."""
    is_search = match["search"] and "." in match["name"] and "@" not in match["name"]
    name = match["name"].rstrip(".")
    return "" if is_search or name.endswith("-") else name
