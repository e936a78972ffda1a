"""What `serve` shows while it runs: a few calm lines that are redrawn, or plain ones in a pipe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from grantex_sim.account.expected import many
from grantex_tui.words.display import cell_width, clip_cells, printable


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

REDRAWN: Final = 0.5
"""Seconds between two looks at the numbers on a terminal."""
PRINTED: Final = 10.0
"""Seconds between two lines in a pipe, where a line comes only if something has changed."""
_LABEL: Final = 9
_BETWEEN: Final = " · "
_FAULTS_SHOWN: Final = 5


class Status(NamedTuple):
    """The simulator at one instant."""

    clients: int
    clients_cut: int
    emitted: int
    delivered: int
    missing: int
    duplicates: int
    requests: int
    refused: int
    refusal: str = ""
    """The last refused request: status and reason."""
    faults: Sequence[str] = ()
    """Those in force, one line each."""


class Row(NamedTuple):
    """One line: a label, what is said, and whether it is bad news."""

    label: str
    text: str
    is_bad: bool = False


def rows(now: Status, before: Status, seconds: float) -> list[Row]:
    """What there is to say; *seconds* have gone by since *before*."""
    rate = (now.emitted - before.emitted) / seconds if seconds > 0 else 0.0
    stream = f"{many(now.clients, 'client')} · {many(now.emitted, 'event')} ({rate:,.0f}/s)"
    if now.clients_cut:
        stream += f" · {now.clients_cut:,} cut"
    intake = (
        f"{many(now.requests, 'request')} · {now.delivered:,} delivered · "
        f"{now.missing:,} on their way · {many(now.duplicates, 'duplicate')}"
    )
    found = [Row("stream", stream), Row("intake", intake)]
    if now.refused:
        last = f"{many(now.refused, 'request')}, last {now.refusal}"
        found.append(Row("refused", last, is_bad=True))
    found += [Row("fault", fault) for fault in now.faults[:_FAULTS_SHOWN]]
    if len(now.faults) > _FAULTS_SHOWN:
        found.append(Row("", f"and {len(now.faults) - _FAULTS_SHOWN} more faults"))
    return found


def line(now: Status, before: Status, seconds: float) -> str:
    """The same as one line."""
    return " | ".join(
        f"{row.label} {printable(row.text)}".strip() for row in rows(now, before, seconds)
    )


def farewell(status: Status) -> str:
    """The account in one sentence, when it is over."""
    refused = f", {many(status.refused, 'request')} refused" if status.refused else ""
    return (
        f"{many(status.emitted, 'event')} emitted, {status.delivered:,} delivered, "
        f"{status.missing:,} missing, {many(status.duplicates, 'duplicate')}{refused}"
    )


def draw(found: Sequence[Row], width: int) -> Text:
    """*found* for a terminal of *width* columns; bad news reads without colour, too."""
    from rich.text import Text

    text = Text(no_wrap=True, end="")
    for row in found:
        for number, part in enumerate(folded(printable(row.text), max(1, width - _LABEL))):
            label = "" if number else row.label
            text.append("\n" if text else "")
            text.append(f"{label:<{_LABEL}}", style="dim")
            text.append(part, style="yellow" if row.is_bad else "")
    return text


def folded(text: str, width: int) -> list[str]:
    """*text* in lines of at most *width* columns, broken between its parts where it can be."""
    lines: list[str] = []
    for part in text.split(_BETWEEN):
        if lines and cell_width(lines[-1] + _BETWEEN + part) <= width:
            lines[-1] += _BETWEEN + part
        else:
            lines.append(part)
    return [clip_cells(line, width) for line in lines]


async def show(status: Callable[[], Status], stream: TextIO) -> None:
    """Show *status* on *stream* until cancelled."""
    if stream.isatty():
        await _redraw(status, stream)
    else:
        await _print(status, stream)


async def _redraw(status: Callable[[], Status], stream: TextIO) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream, highlight=False)
    before = status()
    shown = draw(rows(before, before, 0.0), console.width)
    with Live(shown, console=console, auto_refresh=False) as live:
        live.refresh()
        while True:
            await asyncio.sleep(REDRAWN)
            now = status()
            text = draw(rows(now, before, REDRAWN), console.width)
            if text != shown and has_room(stream):  # an idle simulator leaves the terminal alone
                live.update(text, refresh=True)
                shown = text
            before = now


async def _print(status: Callable[[], Status], stream: TextIO) -> None:
    before = status()
    while True:
        await asyncio.sleep(PRINTED)
        now = status()
        if now != before and has_room(stream):
            stream.write(line(now, before, PRINTED) + "\n")
            stream.flush()
        before = now


def has_room(stream: TextIO) -> bool:
    """Whether a line can be written without waiting for who reads: a pipe may be full for ever."""
    import select

    try:
        return bool(select.select([], [stream], [], 0)[1])
    except (OSError, ValueError):  # no file of the system's, or more of them than select knows
        return True
