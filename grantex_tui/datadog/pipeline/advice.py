"""What to say of any processor or pipeline, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.reader import API, PROCESSORS, Reader, nearest
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Iterator


PIPELINE_KEYS = (
    "description", "filter", "id", "is_enabled", "is_read_only", "name", "processors", "tags",
    "type",
)  # fmt: skip


def unknown_keys(reader: Reader, known: tuple[str, ...]) -> Iterator[Problem]:
    """Advice for each key that Datadog does not know: a misspelt option has no effect."""
    for key in reader.obj:
        if key not in known:
            fix = nearest(key, known) or f"remove it; known are {', '.join(known)}"
            message = f"{reader.what} has no key {key!r}"
            yield reader.advice("unknown-key", key, message, fix=fix, rule=API)


def disabled(reader: Reader, what: str) -> Problem:
    """Advice: ``is_enabled`` is false when it is missing."""
    missing = "is_enabled" not in reader.obj
    return Problem(
        "advice",
        "disabled",
        f"{what} is disabled" + (": is_enabled is missing, and its default is false" * missing),
        reader.at("is_enabled"),
        f"{PROCESSORS}: is_enabled, default false",
        'add "is_enabled": true, or remove what is not meant to act',
    )
