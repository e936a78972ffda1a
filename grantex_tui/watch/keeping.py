"""Opens the journal of a run: whose it is, what goes out with it, and what waits elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.errors import JournalError, UsageError
from grantex_tui.events.kept.care.absorbing import absorb
from grantex_tui.events.kept.care.looking import Look, look
from grantex_tui.events.kept.care.placing import key_fingerprint, place_journal, place_watched
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.memory import MemoryJournal
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.watch.covered import covered_until
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.care.placing import Placed
    from grantex_tui.events.kept.header import LogNote
    from grantex_tui.events.kept.spool import Spool
    from grantex_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """The journal of a run."""

    spool: Spool
    path: str = ""
    """Where it is; empty without one."""
    notes: tuple[str, ...] = ()
    """What opening it had to say."""
    seen_until: float | None = None
    """Up to when earlier runs cover the stream."""


def default_base() -> Path:
    """Where journals are unless somebody says otherwise.

    Raises:
        UsageError: This user has no home.
    """
    import platformdirs

    try:
        return platformdirs.user_state_path("grantex-tui") / "journal"
    except RuntimeError as error:
        raise UsageError(
            "this user has no home folder for a journal",
            hint="Name a folder with --journal DIR, or set XDG_STATE_HOME.",
        ) from error


def open_journal(
    settings: Settings, stream: str, tenant: str, log: LogNote, *, clock: Clock
) -> Kept:
    """The journal for *settings*.

    Args:
        settings: of the run.
        stream: the stream's address.
        tenant: Grantex's name for the developer; empty if it did not say.
        log: what the forwarder adds to each event.
        clock: the time.

    Raises:
        JournalError: It can't be opened, or is in use.
    """
    if settings.journal is None:
        return Kept(MemoryJournal(settings.journal_memory_bytes))
    base = Path(settings.journal).expanduser() if settings.journal else default_base()
    mine = Identity(
        tenant, key_fingerprint(settings.grantex_api_key), stream, settings.types,
        settings.forward, log,
    )  # fmt: skip
    keeping = JournalSettings(
        fsync=settings.fsync,
        max_bytes=settings.journal_max_bytes,
        max_age=settings.journal_max_age,
        memory_bytes=settings.journal_memory_bytes,
        deliver=settings.forward,
    )
    if not settings.forward:
        directory = place_watched(
            base, mine, stream=stream, now=clock.now(), max_age=settings.journal_max_age
        )
        journal = Journal.open(directory, clock=clock, settings=keeping, identity=mine, alone=True)
        return Kept(journal, str(directory), tuple(journal.notes))
    placed = place_journal(
        base, mine, key=settings.grantex_api_key, stream=stream, is_named=bool(settings.journal)
    )
    seen_until = covered_until(placed.directory)
    notes = [*_taken_over(placed, mine, keeping, clock), *_waiting(placed.others, clock.now())]
    journal = Journal.open(placed.directory, clock=clock, settings=keeping, identity=mine)
    return Kept(
        journal,
        str(placed.directory),
        (*journal.notes, *notes),
        seen_until,
    )


def _taken_over(
    placed: Placed, mine: Identity, keeping: JournalSettings, clock: Clock
) -> Iterable[str]:
    """Take over what is pending in other folders of the same tenant; says how much."""
    said = []
    waiting = [found for path in placed.same if (found := look(path)).pending or found.dead_letters]
    if waiting:
        journal = Journal.open(placed.directory, clock=clock, settings=keeping, identity=mine)
        try:
            for found in waiting:
                count = absorb(found.directory, journal, mine, clock=clock)
                said.append(f"took over {count:,} undelivered events from {found.directory}")
        finally:
            journal.close()
    return said


def _waiting(others: Iterable[Path], now: float) -> list[str]:
    """What is pending in folders of other tenants, or of one that is not known."""
    said = []
    for path in others:
        try:
            found = look(path)
        except JournalError as error:
            said.append(error.message)
            continue
        if (found.pending or found.dead_letters) and found.forward:
            said.append(waiting_words(found, now))
    return said


def waiting_words(found: Look, now: float) -> str:
    """How much waits in a journal, for how long, and how it gets out."""
    whose = f"tenant {found.tenant}" if found.tenant else "a tenant that is not known"
    parts = []
    if found.pending:
        since = found.pending_since
        age = (
            f", the oldest of {rfc3339(since)}, {duration_text(round(now - since))} ago"
            if since
            else ""
        )
        parts.append(f"{found.pending:,} undelivered events{age}")
    if found.dead_letters:
        parts.append(f"{found.dead_letters:,} dead letters")
    return (
        f"{' and '.join(parts)} of {whose} are in {found.directory} and are not sent; "
        f"`grantex-tui journal adopt {found.directory}` makes them this tenant's"
    )
