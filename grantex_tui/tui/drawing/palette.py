"""Colours: the theme, the styles made of it, and a lasting colour for each event type."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from grantex_tui.events.types import EVENT_TYPES


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.tui.drawing.glyphs import Glyphs

THEME = Theme(
    name="grantex",
    primary="#5aa9ff",
    secondary="#7c8cff",
    accent="#43d9b8",
    foreground="#d7dee8",
    background="#0c1117",
    surface="#111820",
    panel="#1a2430",
    success="#43c98a",
    warning="#f2b134",
    error="#f0566a",
    dark=True,
    variables={
        "footer-background": "#111820",
        "footer-key-foreground": "#43d9b8",
        "footer-description-foreground": "#8795a6",
        "input-selection-background": "#5aa9ff 35%",
    },
)

# One hue a family, shades within it; what takes rights away is always reddish. Chosen to differ
# in lightness as well, so that neighbours in a bar stay apart for colour-blind readers.
_COLOURS = {
    "grant.created": "#43c98a",
    "grant.revoked": "#f0566a",
    "token.issued": "#4f9df5",
    "budget.threshold": "#f2c14e",
    "budget.exhausted": "#f0883e",
    "fido.registered": "#8d6ff0",
    "fido.assertion": "#b9a5ff",
    "vc.issued": "#2fb8c6",
    "sd-jwt.issued": "#7be0d6",
    "sd-jwt.presented": "#1f8f9c",
    "passport.issued": "#d678d0",
    "passport.revoked": "#e0468f",
    "passport.token-exchange": "#f2b0e6",
    "sso.login": "#93a3b8",
    "sso.connection.created": "#c2ccd9",
    "sso.connection.updated": "#708096",
    "sso.connection.deleted": "#b07a86",
    "vault.credential.stored": "#c9a25b",
    "vault.credential.deleted": "#b5654a",
    "vault.credential.exchanged": "#e8cf95",
    "consent_bundle.created": "#9ccc65",
    "consent_bundle.synced": "#c8e6a0",
    "consent_bundle.revoked": "#d97b5f",
    "dpdp.consent.created": "#6f86ff",
    "dpdp.consent.withdrawn": "#e58aa0",
    "dpdp.grievance.filed": "#a9b6ff",
    "dpdp.erasure.completed": "#4a5fd0",
    "anomaly.auto_revoked": "#ff3b6b",
}
_TERMINAL = {
    "grant": "green",
    "token": "blue",
    "budget": "yellow",
    "fido": "magenta",
    "vc": "cyan",
    "sd-jwt": "bright_cyan",
    "passport": "bright_magenta",
    "sso": "default",
    "vault": "bright_yellow",
    "consent_bundle": "bright_green",
    "dpdp": "bright_blue",
    "anomaly": "bright_red",
}
"""The terminal's own colours, a family each; what takes rights away is told apart by its name."""
_OTHERS = ("#8fb8a0", "#b8a88f", "#8fa5b8", "#b08fb8", "#a8b88f", "#b89a8f")
_ORDER = {name: index for index, name in enumerate(EVENT_TYPES)}


@lru_cache(maxsize=512)
def type_colour(event_type: str, *, dark: bool = True) -> str:
    """The colour of *event_type*: the same in every run, for unknown types too."""
    colour = _COLOURS.get(event_type)
    if colour is None:
        colour = _OTHERS[zlib.crc32(event_type.encode("utf-8", "replace")) % len(_OTHERS)]
    return colour if dark else Color.parse(colour).darken(0.18).hex


def stacking(event_type: str) -> tuple[int, str]:
    """Where *event_type* stands in a stack: by kind, never by count, so that bars don't flicker."""
    return _ORDER.get(event_type, len(_ORDER)), event_type


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles that panels draw with."""

    text: Style
    strong: Style
    muted: Style
    faint: Style
    edge: Style
    edge_focus: Style
    title: Style
    accent: Style
    good: Style
    warn: Style
    bad: Style
    bad_banner: Style
    warn_banner: Style
    cursor: Style
    track: Style
    dark: bool
    papers: tuple[str, ...] = ()
    """What text stands on; none where the terminal's own colours are used."""

    @classmethod
    def of(cls, variables: Mapping[str, str], *, dark: bool) -> Palette:
        """The styles for a theme's CSS *variables*, each legible on its background."""
        if variables["background"].startswith("ansi"):
            return _terminal_palette(variables, dark=dark)
        foreground = Color.parse(variables["foreground"])
        background = Color.parse(variables["background"])
        papers = (background, Color.parse(variables["surface"]))

        def mix(share: float) -> str:
            return background.blend(foreground, share).hex

        def ink(colour: str) -> str:
            return legible(Color.parse(colour), papers, foreground).hex

        def banner(name: str) -> Style:
            paper = Color.parse(variables[name])
            return Style(color=_black_or_white((paper,)).hex, bgcolor=paper.hex, bold=True)

        return cls(
            text=Style(color=ink(foreground.hex)),
            strong=Style(color=ink(foreground.hex), bold=True),
            muted=Style(color=ink(mix(0.58))),
            faint=Style(color=ink(mix(0.34))),
            edge=Style(color=mix(0.22)),
            edge_focus=Style(color=ink(variables["accent"])),
            title=Style(color=ink(mix(0.82)), bold=True),
            accent=Style(color=ink(variables["accent"]), bold=True),
            good=Style(color=ink(variables["success"]), bold=True),
            warn=Style(color=ink(variables["warning"]), bold=True),
            bad=Style(color=ink(variables["error"]), bold=True),
            bad_banner=banner("error"),
            warn_banner=banner("warning"),
            cursor=Style(bgcolor=mix(0.16), bold=True),
            track=Style(bgcolor=mix(0.10)),
            dark=dark,
            papers=tuple(paper.hex for paper in papers),
        )


def _terminal_palette(variables: Mapping[str, str], *, dark: bool) -> Palette:
    """The styles where the terminal's own sixteen colours are used: nothing can be mixed."""

    def named(name: str) -> str:
        return variables[name].removeprefix("ansi_")

    plain, quiet = Style(color="default"), Style(color="default", dim=True)
    return Palette(
        text=plain,
        strong=Style(color="default", bold=True),
        muted=quiet,
        faint=quiet,
        edge=quiet,
        edge_focus=Style(color=named("accent")),
        title=Style(color="default", bold=True),
        accent=Style(color=named("accent"), bold=True),
        good=Style(color=named("success"), bold=True),
        warn=Style(color=named("warning"), bold=True),
        bad=Style(color=named("error"), bold=True),
        bad_banner=Style(color=named("error"), bold=True, reverse=True),
        warn_banner=Style(color=named("warning"), bold=True, reverse=True),
        cursor=Style(bold=True, reverse=True),
        track=Style(bgcolor="bright_black"),
        dark=dark,
        papers=(),
    )


_LEGIBLE = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3)."""


def legible(colour: Color, papers: Sequence[Color], towards: Color) -> Color:
    """*colour*, moved towards another one until it can be read on all *papers*."""
    for step in range(21):
        mixed = colour.blend(towards, step / 20)
        if all(contrast(mixed, paper) >= _LEGIBLE for paper in papers):
            return mixed
    return _black_or_white(papers)


def _black_or_white(papers: Sequence[Color]) -> Color:
    """What can be read best on all *papers*."""
    ends = (Color.parse("white"), Color.parse("black"))
    return max(ends, key=lambda end: min(contrast(end, paper) for paper in papers))


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True, slots=True)
class Look:
    """Everything about appearance that a pure renderer needs."""

    palette: Palette
    glyphs: Glyphs
    colour: bool = True
    """False with ``NO_COLOR``: patterns and words must tell everything."""

    def type_style(self, event_type: str) -> Style:
        """The style of *event_type* in lists and bars."""
        return _type_style(event_type, self.palette.dark, self.palette.papers)

    def swatch(self, event_type: str) -> str:
        """The mark of *event_type* in a legend: as the bars show it."""
        return self.glyphs.swatch if self.colour else self.pattern(event_type)

    def pattern(self, event_type: str) -> str:
        """The fill that stands for *event_type* where there is no colour."""
        index, name = stacking(event_type)
        if index == len(_ORDER):
            index = zlib.crc32(name.encode("utf-8", "replace"))
        return self.glyphs.patterns[index % len(self.glyphs.patterns)]


@lru_cache(maxsize=1024)
def _type_style(
    event_type: str,
    dark: bool,  # noqa: FBT001 - a cache key
    papers: tuple[str, ...],
) -> Style:
    if not papers:
        return Style(color=_TERMINAL.get(event_type.partition(".")[0], "white"))
    colour = Color.parse(type_colour(event_type, dark=dark))
    ends = Color.parse("white" if dark else "black")
    return Style(color=legible(colour, [Color.parse(paper) for paper in papers], ends).hex)
