"""What the dashboard asks of the driver under it, which a test or a pipe may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from textual.driver import Driver


def set_mouse(driver: Driver | None, *, on: bool) -> None:
    """Switch mouse reports on or off; off lets the terminal select text.

    Also asked for when the terminal gets the focus back: after a reattach it has forgotten the
    mode. The driver has no public method for it; one that lacks these (headless) has no mouse.
    """
    name = "_enable_mouse_support" if on else "_disable_mouse_support"
    if (switch := getattr(driver, name, None)) is not None:
        switch()


def is_behind(driver: Driver | None) -> bool:
    """Whether the terminal has yet to take what was last written: nothing is painted then."""
    writer = getattr(driver, "_writer_thread", None)
    return bool(getattr(writer, "waiting", 0))


def left_out(driver: Driver | None) -> int:
    """Texts that the terminal never got because it was too far behind: what it shows is torn."""
    writer = getattr(driver, "_writer_thread", None)
    count: int = getattr(writer, "left_out", 0)
    return count
