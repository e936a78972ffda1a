"""Numbers as people read them."""

from __future__ import annotations


def percent(part: float) -> str:
    """A part of a whole: what isn't nothing is never shown as nothing, nor less than all as all."""
    if 0 < part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return f"{100 * part:.3g}%"


def number(value: float | None) -> str:
    """A number as people write it."""
    return "-" if value is None else f"{value:.9g}"


def count(amount: int, what: str) -> str:
    """``no false alert``, ``1 false alert``, ``2,000 false alerts``."""
    return f"{f'{amount:,}' if amount else 'no'} {what}{'s' * (amount > 1)}"
