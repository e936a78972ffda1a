"""Whether a run is ready: it hears the stream, keeps what it hears, and Datadog takes it.

A tenant without events is quiet, and that is fine: keepalives still come. A stream without even
these is dead. The two look alike in counts of events; here they don't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.watch.troubles.found import found
from grantex_tui.watch.troubles.trouble import About, Rank


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.watch.frame import Frame


def hindrances(frame: Frame) -> Iterator[str]:
    """What keeps the run from being ready, a sentence each; nothing when it is.

    An intake that fails for a while is none: what waits for it is kept, and to restart this process
    would help nobody.
    """
    troubles = found(frame)
    for trouble in troubles:
        if trouble.rank <= Rank.STUCK and trouble.about is not About.MONITOR:
            yield trouble.what
    is_told = any(
        trouble.about is About.STREAM and trouble.rank <= Rank.STUCK for trouble in troubles
    )
    if frame.connection.state is not ConnectionState.LIVE and not is_told:
        yield f"the stream is {frame.connection.state.value}" + (
            f": {frame.connection.detail}" if frame.connection.detail else ""
        )
