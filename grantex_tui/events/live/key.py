"""Grantex's API key, which may be rotated while a run goes on: its file is read again then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Callable


class ApiKey:
    """A key, and where a newer one would be.

    Args:
        value: The key.
        read: Reads it anew from where it came from; None if it can't be.
    """

    def __init__(self, value: str, read: Callable[[], str] | None = None) -> None:
        self._value = value
        self._read = read

    def __repr__(self) -> str:
        return "ApiKey(…)"

    @property
    def authorization(self) -> str:
        """The header's value."""
        return f"Bearer {self._value}"

    def renew(self) -> None:
        """Read it again; while its file is missing or being written, the old one stands."""
        if self._read is None:
            return
        try:
            self._value = self._read() or self._value
        except GrantexTuiError:
            return
