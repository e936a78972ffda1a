"""Names and sentences for generated events, fixed: the same on every machine and Python.

They were drawn from Faker once, by `draw.py`, because what Faker draws depends on its version.
A scenario's `locale` asks for others; see `grantex_sim.names.local`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class NamePool:
    """What names are drawn from."""

    users: tuple[str, ...]
    """User names, all different."""
    domains: tuple[str, ...]
    """Mail domains that belong to nobody."""
    sentences: tuple[str, ...]
    hostile: tuple[str, ...]
    """Principal ids that the real service takes and that break careless readers."""
    services: tuple[str, ...] = ("github", "slack", "stripe", "google", "notion")
    """What agents keep credentials for."""


@cache
def name_pool() -> NamePool:
    """The pool that comes with the package."""
    read = json.loads((files(__name__) / "names.json").read_text(encoding="utf-8"))
    return NamePool(**{key: tuple(values) for key, values in read.items()})
