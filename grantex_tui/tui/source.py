"""What the dashboard needs from the live job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from grantex_tui.watch.frame import Frame

    Explain = Callable[[str, str, float], Awaitable[str]]
    """Why a monitor (its name) stands so, by a journal (its folder), as of an instant."""


class Source(Protocol):
    """A run that can be pictured and ended. `grantex_tui.watch.engine.Engine` is one."""

    bucket_width: int
    """Seconds that one bar of the chart stands for; the dashboard sets it."""

    def frame(self) -> Frame:
        """Everything, as it is now. Called several times a second: must be cheap."""
        ...

    async def run(self) -> None:
        """Read and deliver until stopped, refused, or at the run's own end."""
        ...

    async def stop(self) -> None:
        """Ask for the graceful way out: stop reading, drain. `run` returns then."""
        ...

    def retry_delivery(self) -> None:
        """Try to deliver now, whatever wait there is."""
        ...

    def abort(self) -> None:
        """Leave at once: what is undelivered stays where it is kept."""
        ...
