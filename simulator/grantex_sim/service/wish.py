"""What ``/_sim/wait`` is asked to wait for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.http.numbers import whole_number
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grantex_sim.account.ledger import Ledger

MAX_WAIT: Final = 600.0
"""Seconds that ``/_sim/wait`` waits at most."""
_LEAST: Final = ("delivered", "emitted", "requests", "notifications")
_COUNTS: Final = (*_LEAST, "missing", "clients")
_RULE: Final = (
    "delivered=N, emitted=N, requests=N, notifications=N (at least), missing=N (at most) and "
    "clients=N (exactly) are whole numbers, one is needed; "
    "timeout is a duration from 0s to 10m"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Numbers to be reached, and for how long to wait for them."""

    counts: Mapping[str, int]
    timeout: float
    """Seconds."""

    @classmethod
    def of(cls, query: Iterable[tuple[str, str]]) -> Wish:
        """Read a query's pairs.

        Raises:
            ValueError: With the rule that they break.
        """
        pairs = [*query]
        given = dict(pairs)
        if len(given) < len(pairs):
            raise ValueError(f"each at most once; {_RULE}")
        counts: dict[str, int] = {
            name: _whole(given.pop(name)) for name in _COUNTS if name in given
        }
        timeout = _seconds(given.pop("timeout", "10"))
        if given:
            raise ValueError(f"{next(iter(given))!r} can't be waited for; {_RULE}")
        if not counts:
            raise ValueError(f"nothing to wait for; {_RULE}")
        return cls(counts, timeout)

    def granted(self, ledger: Ledger, *, clients: int, notifications: int) -> bool:
        """Whether all is reached at this instant."""
        reached = {
            "delivered": ledger.delivered,
            "emitted": ledger.emitted,
            "requests": ledger.answered,
            "notifications": notifications,
        }
        missing = ledger.missing + ledger.forgotten
        return (
            self.counts.get("clients", clients) == clients
            and missing <= self.counts.get("missing", missing)
            and all(reached[name] >= self.counts.get(name, 0) for name in _LEAST)
        )


def _whole(text: str) -> int:
    if (number := whole_number(text)) is None:
        raise ValueError(f"{text[:40]!r} is no whole number; {_RULE}")
    return number


def _seconds(text: str) -> float:
    try:
        value = parse_duration(text)
    except ValueError as error:
        raise ValueError(f"timeout: {error}; {_RULE}") from None
    if value > MAX_WAIT:
        raise ValueError(f"timeout={text[:40]!r}; {_RULE}")
    return value
