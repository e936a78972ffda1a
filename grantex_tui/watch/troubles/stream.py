"""The stream from Grantex: refused, locked out, away on one path or on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.watch.troubles.trouble import About, Rank, Trouble
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.events.live.connection import ConnectionView, PathView
    from grantex_tui.watch.frame import Frame

_FIRST_HEADERS = 35.0
"""Seconds that a first connection may take without being a trouble: headers come late."""


def find(frame: Frame) -> Iterator[Trouble]:
    """The stream as a whole, then the path that is away while the other is live."""
    connection = frame.connection
    if connection.state is ConnectionState.LIVE:
        young = frame.now - frame.started_at < _FIRST_HEADERS
        yield from (
            _one_path(path, frame.now) for path in frame.paths if _is_away(path, young=young)
        )
        return
    if connection.state is ConnectionState.REFUSED:
        yield _refused(connection)
    elif connection.state is ConnectionState.LOCKED_OUT:
        yield _locked_out(connection, frame.now)
    if (gap := _open_gap(frame)) is not None:
        yield gap


def _refused(connection: ConnectionView) -> Trouble:
    return Trouble(
        Rank.STUCK,
        About.STREAM,
        "Grantex refuses",
        f"Grantex refuses the stream: {connection.detail or 'it does not say why'}",
        "Check GRANTEX_API_KEY and --url; nothing is read until then, and nothing is replayed.",
        connection.since,
    )


def _locked_out(connection: ConnectionView, now: float) -> Trouble:
    left = max(0.0, (connection.retry_at or now) - now)
    return Trouble(
        Rank.STUCK,
        About.STREAM,
        "locked out",
        f"locked out by Grantex for {duration_text(round(left))} more: "
        f"{connection.detail or 'too many connections'}",
        "Close other readers of this key; it is tried again by itself, sooner would prolong it.",
        connection.since,
    )


def _open_gap(frame: Frame) -> Trouble | None:
    gap = frame.gaps[-1] if frame.gaps and frame.gaps[-1].end is None else None
    connection = frame.connection
    first = not connection.connects and not connection.attempt
    if connection.state in (ConnectionState.IDLE, ConnectionState.ENDED):
        return None
    if first and frame.now - frame.started_at < _FIRST_HEADERS:
        return None
    start = gap.start if gap is not None else connection.since
    reason = (gap.reason if gap is not None else "") or connection.detail or "no connection"
    away = duration_text(round(max(0.0, frame.now - start)))
    return Trouble(
        Rank.LOSING,
        About.STREAM,
        f"open gap {away}",
        f"no stream for {away}: {reason}",
        "Events of this time are lost, Grantex replays none; it is tried again by itself.",
        start,
        is_gap=True,
    )


def _is_away(path: PathView, *, young: bool) -> bool:
    """Whether *path* should be live and is not; in a *young* run its first connection may take long."""
    view = path.connection
    first = young and not view.connects and not view.attempt
    return path.away_since is not None and view.state is not ConnectionState.ABSENT and not first


def _one_path(path: PathView, now: float) -> Trouble:
    since = path.away_since or now
    detail = path.connection.detail
    return Trouble(
        Rank.ONE_PATH,
        About.STREAM,
        f"{path.name} away",
        f"{path.name} is away for {duration_text(round(now - since))}"
        + (f": {detail}" if detail else ""),
        "Nothing is lost while the other path is live; it is tried again by itself.",
        since,
    )
