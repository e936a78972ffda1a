"""How much room there is where the journal is."""

from __future__ import annotations

import shutil


def disk_free(path: str) -> int | None:
    """Bytes that are free where *path* is; None where that can't be known."""
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None
