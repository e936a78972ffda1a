"""An API key from where it was put, or asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable


def require_key(
    name: str,
    value: str,
    *,
    key_file: str = "",
    read_file: Callable[[str], str],
    ask: Callable[[str], str] | None,
) -> str:
    """An API key from where it was put, or asked for by *name*.

    Args:
        name: The environment variable that would hold it.
        value: The key, if it is known already.
        key_file: A file that holds it.
        read_file: Reads that file.
        ask: Prompts without echo; None where nobody can answer.

    Raises:
        UsageError: There is no key, or it holds what no header may hold.
    """
    key = value or (read_file(key_file).strip() if key_file else "")
    if not key and ask is not None:
        key = ask(f"{name}: ").strip()
    if not key:
        raise UsageError(
            f"{name} is not set",
            hint=f"Set {name} in the environment, or name a file with {name.lower()}_file in config.toml.",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"{name} holds characters that an HTTP header cannot carry",
            hint="Look for a line break or a quote that was copied along.",
        )
    return key
