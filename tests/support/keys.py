"""The keys of JSON that is printed, and those that the documentation tells of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "rehearsal-json.md"
FACETS = (".group", ".by_query", ".states")
"""Objects whose keys are values."""


def paths(value: object, prefix: str = "") -> Iterator[str]:
    """Every key as ``a.b[].c``."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{prefix}[]")
    elif isinstance(value, dict) and not f".{prefix}".endswith(FACETS):
        for key, each in value.items():
            path = f"{prefix}.{key}".lstrip(".")
            yield path
            yield from paths(each, path)


def shallow(value: object) -> set[str]:
    """Keys at the top and in lists there, without what is documented once for all."""
    common = {"version"} | {
        f"{prefix}{key}" for prefix in ("cells[].",) for key in told("## Measures")
    }
    return {path for path in paths(value) if path.count(".") <= path.count("[].") <= 1} - common


def told(section: str) -> set[str]:
    """The keys in the table under a heading of the page; several may share a row."""
    text = PAGE.read_text("utf-8").partition(f"\n{section}\n")[2]
    table = re.split(r"^#+ ", text, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
