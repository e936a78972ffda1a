"""A Grantex and a Datadog on your own machine.

`serve_in_thread` is the simulator in a Python test, `assert_nothing_lost` the ledger's verdict; the
pytest fixture is `grantex_sim` (see `grantex_sim.testing`). Names are imported when they are asked
for, so that a plugin costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    from grantex_sim.service.app import RunningSimulator, serve_in_thread
    from grantex_sim.testing.nothing_lost import assert_nothing_lost

__all__ = ["RunningSimulator", "assert_nothing_lost", "serve_in_thread"]
_HOMES: Final = {
    "RunningSimulator": "grantex_sim.service.app",
    "assert_nothing_lost": "grantex_sim.testing.nothing_lost",
    "serve_in_thread": "grantex_sim.service.app",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
