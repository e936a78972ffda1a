"""The kinds of monitor queries: every module of this package that has a ``KIND``, by its name."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from grantex_tui.datadog.monitor import kinds
from grantex_tui.datadog.monitor.kinds.kind import Kind


def _registered() -> tuple[Kind, ...]:
    names = sorted(each.name for each in pkgutil.iter_modules(kinds.__path__))
    modules = [import_module(f"{kinds.__name__}.{n}") for n in names if n != "registry"]
    found = [getattr(module, "KIND", None) for module in modules]
    return tuple(kind for kind in found if isinstance(kind, Kind))


KINDS = _registered()
