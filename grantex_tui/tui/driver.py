"""What Textual's terminal driver needs to be told: three things, each with its reason."""

from __future__ import annotations

import codecs
from functools import partial
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.driver import Driver


def tolerate_foreign_bytes() -> None:
    """Keep the input thread alive when the terminal sends bytes that are no UTF-8.

    Textual 8.2.8 decodes strictly, but mouse reports in the X10 encoding (which a terminal falls
    back to when tmux is reattached or an ssh session comes back) hold bytes from 0x80 on: past
    column 95 the thread died and took the application with it (Textualize/textual#6668).
    Replacement characters are no key, so nothing happens instead.
    """
    from textual.drivers import linux_driver

    def decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), errors="replace")

    linux_driver.__dict__["getincrementaldecoder"] = decoder


def set_mouse(driver: Driver | None, *, on: bool) -> None:
    """Switch mouse reports on or off; off lets the terminal select text.

    Also asked for when the terminal gets the focus back: after a reattach it has forgotten the
    mode. The driver has no public method for it; one that lacks these (headless) has no mouse.
    """
    name = "_enable_mouse_support" if on else "_disable_mouse_support"
    if (switch := getattr(driver, name, None)) is not None:
        switch()


def is_behind(driver: Driver | None) -> bool:
    """Whether the terminal has yet to take what was last written.

    The driver's queue holds 30 writes and then blocks the event loop, and with it the stream and
    the delivery; a stalled ssh session fills it in seconds. Nothing is painted while this is true.
    """
    writer = getattr(driver, "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is not None and queue.qsize() > 0
