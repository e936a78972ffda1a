"""Every key of a scenario with what it takes and means, as Markdown: for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_sim.scenario import keys


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.scenario.values import Key


_TABLES = (
    ("", keys.TOP),
    ("populations", keys.POPULATIONS),
    ("story", keys.HABITS),
    ("phases[]", keys.PHASE),
    ("rate", keys.RATE),
    ("burst", keys.BURST),
    ("silence", keys.SILENCE),
    ("incidents[]", keys.INCIDENT),
    ("activity[]", keys.INNOCENT),
    ("inject", keys.INJECT),
)


def key_tables() -> str:
    """Every key with what it takes and means, as Markdown."""
    return "\n".join(_table(name, table) for name, table in _TABLES)


def _table(name: str, table: Mapping[str, Key]) -> str:
    rows = [f"### `{name}`" if name else "### The file", "", "| key | takes | meaning |"]
    rows.append("|---|---|---|")
    for key, entry in table.items():
        shown = f"**`{key}`**" if entry.required else f"`{key}`"
        rows.append(f"| {shown} | {entry.kind.name} | {entry.says} |")
    return "\n".join([*rows, ""])
