"""Which folder a run's events go to, and which others hold events of the same tenant."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grantex_tui.clock import rfc3339
from grantex_tui.events.kept.care.looking import identities_of
from grantex_tui.events.kept.segments import find_segments


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.events.kept.header import Identity

_WATCHED = "-watched"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a run's events go."""

    directory: Path
    same: list[Path] = field(default_factory=list)
    """Other folders with events of the same tenant: what is pending there goes out, too."""
    others: list[Path] = field(default_factory=list)
    """Folders with events of another tenant, or of one that is not known."""


def key_fingerprint(key: str) -> str:
    """What tells that two keys are the same, and nothing else about them."""
    return hashlib.sha256(b"grantex-tui key\0" + key.encode()).hexdigest()[:12]


def place_journal(base: Path, mine: Identity, *, key: str, stream: str, is_named: bool) -> Placed:
    """The folder below *base* for what is to be delivered.

    A tenant's folder is called after it. Where Grantex did not say who we are, the key tells: a folder
    that was written with it is the tenant's. A folder that the user named is one tenant's if nothing
    in it says otherwise.

    Args:
        base: where journals are.
        mine: whose events will come.
        key: of the stream; only its fingerprint is used.
        stream: the stream's address, by which folders of the first format were called.
        is_named: the user has named *base*.
    """
    found = {path: identities_of(path) for path in _journals(base)}
    old_name = _first_format_name(stream, key)
    host = _slug(urlsplit(stream).netloc.rpartition("@")[2])
    known = f"{host}" if is_named else f"{host}-{mine.key}"
    same = [p for p, who in found.items() if _is_same(mine, who) or p.name == old_name]
    if is_named and not mine.tenant:
        same += [
            p for p, who in found.items() if p.name == known and p not in same and not _named(who)
        ]
    others = [path for path in found if path not in same]
    directory = base / (_slug(mine.tenant) if mine.tenant else known)
    if directory not in found and same:
        if not mine.tenant and _named(found[same[-1]]):
            directory = same[-1]
        elif len(same) == 1:
            same.pop().replace(directory)
    return Placed(
        directory,
        [path for path in same if path != directory],
        [path for path in others if path != directory],
    )


def place_watched(base: Path, mine: Identity, *, stream: str, now: float, max_age: float) -> Path:
    """A folder of its own for one run that delivers nothing; those of old runs are let go."""
    host = _slug(urlsplit(stream).netloc.rpartition("@")[2])
    parent = base / f"{_slug(mine.tenant) if mine.tenant else host}{_WATCHED}"
    if parent.is_dir():
        for folder in parent.iterdir():
            if not folder.is_symlink() and folder.is_dir() and _age(folder, now) > max_age:
                shutil.rmtree(folder, ignore_errors=True)
    return parent / f"{rfc3339(now).replace(':', '')}-{os.getpid()}"


def _age(folder: Path, now: float) -> float:
    times = [segment.written_at for segment in find_segments(folder)]
    return now - max(times, default=folder.stat().st_mtime)


def _journals(base: Path) -> list[Path]:
    """The folders below *base* whose events are to be delivered."""
    if not base.is_dir():
        return []
    return [
        path
        for path in sorted(base.iterdir())
        if path.is_dir() and not path.name.endswith(_WATCHED) and find_segments(path)
    ]


def _named(identities: list[Identity]) -> bool:
    return any(each.tenant for each in identities)


def _is_same(mine: Identity, theirs: list[Identity]) -> bool:
    tenants = {each.tenant for each in theirs if each.tenant}
    if tenants and mine.tenant:
        return tenants == {mine.tenant}
    return any(each.key == mine.key for each in theirs if each.key)


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", text).lstrip(".") or "stream"


def _first_format_name(stream: str, key: str) -> str:
    host = _slug(urlsplit(stream).netloc.rpartition("@")[2])
    seed = b"grantex-tui journal\0" + stream.rstrip("/").encode() + b"\0" + key.encode()
    return f"{host}-{hashlib.sha256(seed).hexdigest()[:12]}"
