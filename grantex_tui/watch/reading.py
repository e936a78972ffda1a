"""The reading side of a run: its paths, its key, and what was missed before it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.door import StreamSettings
from grantex_tui.events.live.key import ApiKey
from grantex_tui.events.live.opening import open_doors
from grantex_tui.events.live.stream import EventStream
from grantex_tui.settings import require_key


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from grantex_tui.clock import Clock
    from grantex_tui.events.arrived import Opens
    from grantex_tui.events.live.stream import Listener
    from grantex_tui.network.route import Network
    from grantex_tui.settings import Settings
    from grantex_tui.watch.rotation import Rotation

NOT_RUNNING = "grantex-tui was not running"


@asynccontextmanager
async def open_stream(
    settings: Settings,
    url: str,
    network: Network,
    listener: Listener,
    *,
    clock: Clock,
    coalesce: float,
    since: float,
    learn: Callable[[str], None],
    on_hangup: Callable[[Callable[[], None]], None],
    rotation: Rotation,
    opens: Opens,
) -> AsyncIterator[EventStream]:
    """The stream at *url*, on the paths that *settings* name.

    Args:
        settings: Of the run.
        url: The SSE stream's address.
        network: The way there.
        listener: Who is told.
        clock: The time.
        coalesce: Seconds for which reads gather.
        since: When the run began.
        learn: Told of a key that was not known before, so that it is masked, too.
        rotation: Says when a key that was rotated may be used.
        on_hangup: Takes what is to be done when the run is asked to read its keys again.
        opens: Decodes many payloads at once, for those who count.
    """
    api_key = ApiKey(
        settings.grantex_api_key,
        rereading(
            "GRANTEX_API_KEY", settings.grantex_api_key_file, settings.grantex_api_key, learn
        ),
        rotation.offer,
    )
    on_hangup(api_key.renew)
    chosen = StreamSettings(
        url,
        api_key,
        types=settings.types,
        max_event_size=settings.max_event_size,
        coalesce=coalesce,
    )
    async with open_doors(settings.paths, chosen, network, clock) as doors:
        yield EventStream(doors, chosen, listener, clock=clock, gap_from=since, opens=opens)


def missed(covered_until: float | None, *, now: float) -> Gap | None:
    """The time between the last run and this one."""
    if covered_until is None or covered_until >= now:
        return None
    return Gap(covered_until, now, NOT_RUNNING)


def rereading(
    name: str, path: str, value: str, learn: Callable[[str], None]
) -> Callable[[], str] | None:
    """A reader of a key's file, if that is where the key came from.

    Args:
        name: The environment variable that would hold it.
        path: The file; empty if there is none.
        value: The key.
        learn: Told of a key that was not known before.
    """
    if not path:
        return None
    key_file = _KeyFile(name, path, learn)
    try:
        return key_file if key_file() == value else None
    except UsageError:
        return None


class _KeyFile:
    """A file that holds an API key."""

    def __init__(self, name: str, path: str, learn: Callable[[str], None]) -> None:
        self._name = name
        self._path = path
        self._learn = learn

    def __call__(self) -> str:
        """The key.

        Raises:
            UsageError: There is none that a header could hold.
        """
        key = require_key(self._name, "", key_file=self._path, read_file=_read_file, ask=None)
        self._learn(key)
        return key


def _read_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the key file can't be read: {error}") from error
