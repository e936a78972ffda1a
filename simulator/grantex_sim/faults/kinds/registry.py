"""Every kind of fault that has a module of its own in this package, by its word."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from grantex_sim.faults import kinds


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.faults.kinds.kind import About, Kind

_OTHERS: Final = ("kind", "registry")


@cache
def registered() -> Mapping[str, Kind[Any]]:
    """The kinds, in the order of their words."""
    names = sorted(each.name for each in pkgutil.iter_modules(kinds.__path__))
    modules = (import_module(f"{kinds.__name__}.{name}") for name in names if name not in _OTHERS)
    return {module.KIND.word: module.KIND for module in modules}


def kinds_about(about: About) -> Mapping[str, Kind[Any]]:
    """Those that are about one thing."""
    return {word: kind for word, kind in registered().items() if about in kind.about}
