"""What a copy of an attribute asks of its target, said plainly: the twin of `resolve.Copy`."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.attributes import Attributes


def target_is_free(attributes: Attributes, path: str) -> bool:
    """Whether `put` would set *path* without meeting a value: the condition of `resolve.Copy`."""
    value: object = attributes
    for key in path.split("."):
        if value is None:
            break
        if not isinstance(value, dict):
            return False
        value = value.get(key)
    return value is None and attributes.get(path) is None
