"""A file's text replaced as a whole: all of the new one, or the old one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Callable


def replace_text(path: str, change: Callable[[str], str]) -> None:
    """Write what *change* makes of a file's text; bytes that it leaves alone stay as they are.

    Raises:
        InvalidFileError: The file can't be read or written, is no UTF-8, or *change* says so.
    """
    target = Path(path).resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        text = change(target.read_bytes().decode("utf-8"))
        with part.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())  # else a crash may leave an empty file behind the new name
        shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        raise InvalidFileError(f"can't be changed: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        raise InvalidFileError("is not UTF-8 text", path=path) from error
    finally:
        part.unlink(missing_ok=True)
