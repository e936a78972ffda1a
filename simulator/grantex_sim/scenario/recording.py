"""A scenario written down: a recording, and its incidents beside it. Nothing waits for anything."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Protocol

from grantex_sim.events.instant import MILLIS, MINUTE, SECONDS, minute_text
from grantex_sim.scenario.engine import Engine
from grantex_tui.clock import rfc3339
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grantex_sim.scenario.engine import Sent
    from grantex_sim.scenario.model import Scenario

_COMPRESSIONS: Final = (".gz", ".zst")
_ENDINGS: Final = (".ndjson", ".jsonl", ".json", ".log", ".txt")
_BUFFER: Final = 1 << 20
FORMATS: Final = ("journal", "events")


class Sink(Protocol):
    """Where lines go."""

    def write(self, data: bytes, /) -> object:
        """Take *data*."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    events: int
    size: int
    """Bytes, before compression."""
    sha256: str
    """Of the lines, before compression: as ``sha256sum`` gives it for a plain file."""


def write_lines(
    scenario: Scenario,
    sink: Sink,
    form: str = "journal",
    on_progress: Callable[[int, float], None] = lambda _, __: None,
) -> Written:
    """Write every event of *scenario*, one a line.

    Args:
        scenario: What happens.
        sink: Where to.
        form: One of `FORMATS`: lines of a journal with the time of receipt, or bare events.
        on_progress: Called now and then with the events and the seconds of event time so far.
    """
    lines = _journal_lines if form == "journal" else _event_lines
    digest = hashlib.sha256()
    begin = round(scenario.start * 1000)
    events = size = 0
    for block in Engine(scenario).blocks():
        data = lines(block)
        digest.update(data)
        sink.write(data)
        events += len(block)
        size += len(data)
        on_progress(events, (block[-1][0] - begin) / 1000)
    return Written(events, size, digest.hexdigest())


def _journal_lines(block: list[Sent]) -> bytes:
    """Written out instead of calling `iso`; a third faster."""
    minute_ms, begins = -(1 << 60), ""
    lines: list[str] = []
    append = lines.append
    for moment, text in block:
        at = moment - minute_ms
        if not 0 <= at < MINUTE:
            minute, at = divmod(moment, MINUTE)
            minute_ms, begins = minute * MINUTE, minute_text(minute)
        append(
            f'{{"receivedAt":"{begins}{SECONDS[at // 1000]}{MILLIS[at % 1000]}","event":{text}}}\n'
        )
    return "".join(lines).encode()


def _event_lines(block: list[Sent]) -> bytes:
    return "".join([f"{text}\n" for _, text in block]).encode()


def incidents_path(recording: Path) -> Path:
    """Where the incidents of a recording lie: its name without the endings of recordings."""
    name = recording.name
    for endings in (_COMPRESSIONS, _ENDINGS):
        for ending in endings:
            name = name.removesuffix(ending) or name
    return recording.with_name(f"{name}.incidents.json")


def incidents_text(scenario: Scenario) -> str:
    """The incidents of *scenario* as JSON."""
    told = {
        "version": 1,
        "scenario": scenario.name,
        "seed": scenario.seed,
        "start": rfc3339(scenario.start),
        "end": rfc3339(scenario.start + scenario.duration),
        "incidents": [
            {"label": each.label, "from": rfc3339(each.start), "to": rfc3339(each.end)}
            for each in scenario.incidents
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def is_file(path: Path) -> bool:
    """Whether *path* is a file, or will be one: not a device or a pipe."""
    return path.is_file() or not path.exists()


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name only once it is complete; compressed as the name says.

    A device or a pipe is written to as it is.

    Raises:
        UsageError: It can't be written.
    """
    whole = path.resolve()
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part") if is_file(path) else whole
    try:
        with part.open("wb", buffering=_BUFFER) as raw, _compressed(raw, path.suffix) as out:
            yield out
        if part != whole:
            part.replace(whole)
    except OSError as error:
        raise UsageError(
            f"can't write {path}: {error.strerror or error}", hint="Choose another --output."
        ) from error
    finally:
        if part != whole:
            part.unlink(missing_ok=True)


@contextmanager
def _compressed(raw: IO[bytes], ending: str) -> Iterator[IO[bytes]]:
    if ending == ".gz":
        # No name and no time in the header: the same lines give the same file.
        with gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
            yield out  # type: ignore[misc]  # a GzipFile is no IO[bytes] for typeshed
    elif ending == ".zst":
        import zstandard

        with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as out:
            yield out
    else:
        yield raw
