"""Free text: words and sequences of words, whatever their case and what stands between them.

Datadog: logs/explorer/search_syntax (free text) and observability_pipelines/search_syntax/logs:
``"hello world"`` finds ``hello-world`` and ``Hello, world``; a word is not found inside another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable


_WORD = re.compile(r"\w+")


def words_test(text: str) -> Callable[[str], bool]:
    """Whether the words of *text* stand next to one another in a lower-case text.

    Datadog can't search a message for special characters. Where *text* has no word at all we look
    for it as it is, which is what a person would expect of ``&`` or ``...``.
    """
    wanted = text.lower()
    words = _WORD.findall(wanted)
    if not words:
        return lambda lowered: wanted in lowered
    # The pattern is slow and seldom needed: `in` first rules out most texts (30 ns against 500).
    rarest = max(words, key=len)
    found = re.compile(r"(?<!\w)" + r"\W++".join(words) + r"(?!\w)").search
    return lambda lowered: rarest in lowered and found(lowered) is not None
