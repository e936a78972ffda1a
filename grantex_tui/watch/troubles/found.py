"""All troubles of a frame. A new kind is a module, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.watch.troubles import delivery, journal, monitors, stream


if TYPE_CHECKING:
    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.troubles.trouble import Finder, Trouble

_FINDERS: tuple[Finder, ...] = (journal.find, stream.find, delivery.find, monitors.find)


def found(frame: Frame) -> tuple[Trouble, ...]:
    """What is wrong in *frame*, worst first; nothing if all is well."""
    troubles = [trouble for find in _FINDERS for trouble in find(frame)]
    return tuple(sorted(troubles, key=lambda trouble: trouble.rank))
