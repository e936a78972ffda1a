"""A Grantex and a Datadog on your own machine.

`serve_in_thread` is the simulator in a Python test; the pytest fixture is `grantex_sim` (see
`grantex_sim.testing`). Names are imported when they are asked for, so that a plugin costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_sim.service.app import RunningSimulator, serve_in_thread

__all__ = ["RunningSimulator", "serve_in_thread"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grantex_sim.service import app

    value: object = getattr(app, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
