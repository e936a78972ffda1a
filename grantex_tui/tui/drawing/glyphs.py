"""The characters that the dashboard draws with: block elements, or plain ASCII where they fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set. Every character is one cell wide in every terminal that can show it."""

    eighths: str
    """Nine characters, empty to full, a column growing upwards."""
    gauge: str
    """Nine characters, empty to full, a bar growing to the right."""
    patterns: str
    """Fills that tell neighbours apart without colour."""
    box: str
    """Top left, horizontal, top right, vertical, bottom right, bottom left."""
    swatch: str
    live: str
    waiting: str
    ok: str
    warn: str
    alert: str
    unknown: str
    tick: str
    axis: str
    dot: str
    hatch: str
    """Where nothing is known."""


UNICODE = Glyphs(
    eighths=" ▁▂▃▄▅▆▇█",
    gauge=" ▏▎▍▌▋▊▉█",
    patterns="█▓▒░#=+.",
    box="╭─╮│╯╰",
    swatch="■",
    live="●",
    waiting="◌",
    ok="✓",
    warn="▲",
    alert="✖",
    unknown="?",
    tick="╵",
    axis="┤",
    dot="·",
    hatch="▒",
)

ASCII = Glyphs(
    eighths="   .::|##",
    gauge="     ####",
    patterns="#=+.o*x%",
    box="+-+|++",
    swatch="#",
    live="*",
    waiting="o",
    ok="+",
    warn="^",
    alert="x",
    unknown="?",
    tick="'",
    axis="|",
    dot="-",
    hatch="%",
)


def glyphs_for(environ: Mapping[str, str], encoding: str) -> Glyphs:
    """The set for a terminal: ASCII on the Linux console, a dumb terminal, or without UTF-8.

    ``GRANTEX_TUI_ASCII`` (anything but empty or ``0``) asks for ASCII everywhere.
    """
    if environ.get("GRANTEX_TUI_ASCII", "0") not in ("", "0"):
        return ASCII
    if environ.get("TERM", "") in ("linux", "dumb", "vt100", "vt220"):
        return ASCII
    return UNICODE if "utf" in encoding.lower() else ASCII
