"""Values of options that several commands take."""

from __future__ import annotations

import argparse

from grantex_tui.words.durations import LONGEST, parse_duration


def seed(text: str) -> int | None:
    """A seed; None for ``random``."""
    if text == "random":
        return None
    value = whole(text)
    if not 0 <= value < 1 << 63:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up, or random")
    return value


def whole(text: str) -> int:
    """The whole number in *text*; -1 if it is none, or too long to be one that is meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


def drawn(given: int | None) -> int:
    """*given*, or a seed that nobody chose."""
    import secrets

    return secrets.randbelow(1_000_000_000) if given is None else given


def duration(text: str) -> float:
    """Seconds of ``90``, ``90s``, ``1h30m`` or ``14d``; more than none."""
    value = wait(text)
    if not 0 < value <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not over 0 and up to ten years")
    return value


def wait(text: str) -> float:
    """Seconds of a duration that may be 0."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def amount(text: str) -> float:
    """A finite number from 0 up."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return value


def instant(text: str) -> float:
    """Epoch seconds of an RFC 3339 instant at which events may begin."""
    from grantex_sim.scenario.values import beginning

    try:
        return beginning(text)
    except OverflowError:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 1970 to 2096") from None
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no instant such as 2026-01-05T09:00:00Z"
        ) from None
