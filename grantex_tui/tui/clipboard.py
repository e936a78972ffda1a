"""What may be sent to the terminal's clipboard."""

from __future__ import annotations


OSC52_LIMIT = 74_994
"""Bytes of text that common terminals take in one OSC 52 sequence (100,000 in base64)."""


def fits_clipboard(text: str) -> bool:
    """Whether a terminal will take *text*; a larger one may be dropped without a word."""
    return len(text.encode("utf-8", "replace")) <= OSC52_LIMIT
