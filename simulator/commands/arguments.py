"""Values of options that several commands take."""

from __future__ import annotations

import argparse


def seed(text: str) -> int | None:
    """A seed; None for ``random``."""
    if text == "random":
        return None
    value = int(text)
    if not 0 <= value < 1 << 63:
        raise argparse.ArgumentTypeError("not a whole number from 0 up, or random")
    return value


def drawn(given: int | None) -> int:
    """*given*, or a seed that nobody chose."""
    import secrets

    return secrets.randbelow(1_000_000_000) if given is None else given


def duration(text: str) -> float:
    """Seconds of ``90``, ``90s``, ``1h30m`` or ``14d``."""
    from simulator.scenario.values import milliseconds

    value = milliseconds(text) / 1000
    if not 0 < value < 1e10:
        raise argparse.ArgumentTypeError("not a duration such as 90s, 5m or 14d")
    return value


def instant(text: str) -> float:
    """Epoch seconds of an RFC 3339 instant."""
    from grantex_tui.clock import parse_rfc3339

    try:
        return parse_rfc3339(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no instant such as 2026-01-05T09:00:00Z"
        ) from None
