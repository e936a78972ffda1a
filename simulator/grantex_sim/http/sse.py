"""An event and a keepalive as the real service writes them."""

from __future__ import annotations

from typing import Final


KEEPALIVE: Final = b": keepalive\n\n"


def frame(payload: bytes) -> bytes:
    """An event as the service writes it; a payload of several lines takes several data lines."""
    if b"\n" in payload:
        payload = payload.replace(b"\n", b"\ndata: ")
    return b"data: " + payload + b"\n\n"
