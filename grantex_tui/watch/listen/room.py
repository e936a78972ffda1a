"""How much room a journal has taken, and how much is left on its disk."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes."""

    journal: int
    limit: int
    """What the journal may take at most."""
    free: int
    """What the disk has left for anybody."""


def room_of(directory: str, limit: int) -> Room | None:
    """Look at the journal in *directory*; None where there is none, or it can't be looked at."""
    if not directory:
        return None
    try:
        taken = sum(entry.stat(follow_symlinks=False).st_size for entry in os.scandir(directory))
        return Room(taken, limit, shutil.disk_usage(directory).free)
    except OSError:
        return None
