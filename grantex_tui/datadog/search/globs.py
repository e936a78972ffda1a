"""Wildcards as tests on a text: plain text methods where they do, a safe pattern elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grantex_tui.datadog.search.tree import Wild


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.search.tree import Glob


def glob_test(glob: Glob, *, lowered: bool = False) -> Callable[[str], bool]:
    """Whether a whole text is as *glob* says; with *lowered* the text is in lower case already."""
    parts = [part.lower() if lowered and isinstance(part, str) else part for part in glob.parts]
    match parts:
        case [str(prefix), Wild.RUN]:
            return lambda text: text.startswith(prefix)
        case [Wild.RUN, str(suffix)]:
            return lambda text: text.endswith(suffix)
        case [Wild.RUN, str(middle), Wild.RUN]:
            return lambda text: middle in text
    fits = re.compile(_pattern(parts), re.DOTALL).fullmatch
    return lambda text: fits(text) is not None


def _pattern(parts: list[str | Wild]) -> str:
    """A pattern that never backtracks into what an earlier ``*`` took.

    The leftmost place for each piece between two stars is as good as any later one, so every star
    but the last is atomic: the work is bounded by text × pattern.
    """
    pieces = [""]
    for part in parts:
        if part is Wild.RUN:
            pieces.append("")
        else:
            pieces[-1] += "." if isinstance(part, Wild) else re.escape(part)
    first, *middle, last = [*pieces] if len(pieces) > 1 else [pieces[0], ""]
    if len(pieces) == 1:
        return first
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}"
