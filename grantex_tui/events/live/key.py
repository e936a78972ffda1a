"""Grantex's API key, which may be rotated while a run goes on: its file is read again then."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Callable


class ApiKey:
    """A key, and where a newer one would be.

    Args:
        value: The key.
        read: Reads it anew from where it came from; None if it can't be.
        offer: Takes another one, and what is to be called once it may be used; None: at once.
    """

    def __init__(
        self,
        value: str,
        read: Callable[[], str] | None = None,
        offer: Callable[[str, Callable[[], None]], None] | None = None,
    ) -> None:
        self._value = value
        self._read = read
        self._offer = offer

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
            key = self._read()
        except GrantexTuiError:
            return
        if not key or key == self._value:
            return
        if self._offer is None:
            self._value = key
        else:
            self._offer(key, partial(self._use, key))

    def _use(self, key: str) -> None:
        self._value = key
