"""What all screens over the dashboard have in common: the way back."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen


R = TypeVar("R")


class Page(ModalScreen[R]):
    """A screen over the dashboard.

    Keys that come in one read may ask it twice to close; the second time it is gone already, and
    Textual would end the dashboard for it.
    """

    def close(self, result: R | None = None) -> None:
        """Back to what is below, with *result*."""
        if self.app.screen is self:
            _ = self.dismiss(result)  # from a handler of its own it must not be awaited
