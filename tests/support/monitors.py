"""Monitors as they are read and checked, one file or object at a time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from grantex_tui.datadog.check import check_texts
from grantex_tui.datadog.monitor.silence import Delivery


if TYPE_CHECKING:
    from collections.abc import Collection

    from grantex_tui.datadog.check import Located
    from grantex_tui.datadog.monitor.model import Monitor


def dump_monitor(monitor: Monitor) -> dict[str, object]:
    """The API object of a monitor, equal to the one it was read from."""
    return copy.deepcopy(monitor.source)


def check_text(
    text: str,
    *,
    path: str,
    known_types: Collection[str],
    delivery: Delivery = Delivery(),  # noqa: B008 - frozen,
) -> list[Located]:
    """Everything wrong with one file, by line. Never raises.

    Args:
        text: JSON, YAML, or text of the guide.
        path: Where it comes from.
        known_types: The event types that exist.
        delivery: How logs reach Datadog, where it is known.
    """
    return check_texts([(path, text)], known_types=known_types, delivery=delivery)
