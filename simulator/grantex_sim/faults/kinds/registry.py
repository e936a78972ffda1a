"""Every kind of fault that has a module of its own in this package, by its word."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from grantex_sim.faults import kinds


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_sim.faults.kinds.kind import About, Ending, Kind


@cache
def registered() -> Sequence[Kind[Any]]:
    """All of them, in the order of their modules' names."""
    found = pkgutil.walk_packages(kinds.__path__, f"{kinds.__name__}.")
    modules = [import_module(each.name) for each in sorted(found, key=lambda each: each.name)]
    return [module.KIND for module in modules if hasattr(module, "KIND")]


def kinds_about(about: About) -> Mapping[str, Kind[Any]]:
    """Those that are about one thing and no end, by their words."""
    return {kind.word: kind for kind in registered() if about in kind.about and not kind.ending}


@cache
def ending(word: str) -> Ending:
    """How a stream ends by the end that *word* names.

    Raises:
        KeyError: There is no module of that name.
    """
    endings = {kind.word: kind.ending for kind in registered() if kind.ending is not None}
    return endings[word]
