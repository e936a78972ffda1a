"""How a kind of query is told from others, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grantex_tui.datadog.monitor.model import Query
    from grantex_tui.datadog.monitor.scanner import Scanner


class Kind(NamedTuple):
    """A kind of query."""

    type: str
    """The monitor's ``type`` in the API."""
    word: str
    """With which a query of this kind begins, or somewhere in it if it begins like any other.

    Empty: queries of this type are all of this kind."""
    what: str
    """For an error: what it is."""
    read: Callable[[Scanner, Sequence[Mapping[str, object]]], Query]
    """Reads what follows the word, with ``options.variables``."""
    begins: bool = True
    """Whether its word comes first."""
