"""Tags as Datadog stores them.

Datadog: getting_started/tagging, "Define tags".
"""

from __future__ import annotations

import re


MAX_TAGS = 100
"""Tags that one log keeps."""
MAX_TAG = 256
"""Characters that one tag keeps."""

_NORMAL = re.compile(r"[a-z](?:[a-z0-9_\-:./]*[a-z0-9_\-./])?", re.ASCII)
_FOREIGN = re.compile(r"[^\w\-:./]")


def normalise_tag(tag: str) -> str:
    """One tag in lower case, with ``_`` for what tags don't hold; empty if nothing is left.

    A tag begins with a letter, holds letters, digits and ``_ - : . /``, does not end in a colon,
    and has at most 256 characters. The page does not say what becomes of a wrong beginning; like
    Datadog's Agent we leave it out.
    """
    if len(tag) <= MAX_TAG and _NORMAL.fullmatch(tag):
        return tag
    text = _FOREIGN.sub("_", tag.strip().lower())
    start = next((i for i, character in enumerate(text) if character.isalpha()), len(text))
    return text[start : start + MAX_TAG].rstrip(":")


def tag_list(*texts: object) -> tuple[str, ...]:
    """The normalised tags of comma-separated texts or lists of texts, each once, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for tag in _pieces(text):
            if normal := normalise_tag(tag):
                found[normal] = None
    return tuple(found)


def _pieces(text: object) -> list[str]:
    if isinstance(text, str):
        return text.split(",") if text else []
    if isinstance(text, list | tuple):
        return [piece for item in text for piece in _pieces(item)]
    return []
