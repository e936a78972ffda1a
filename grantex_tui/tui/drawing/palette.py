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
    from collections.abc import Mapping

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

    @classmethod
    def of(cls, variables: Mapping[str, str], *, dark: bool) -> Palette:
        """The styles for a theme's CSS *variables*."""
        foreground = Color.parse(variables["foreground"])
        background = Color.parse(variables["background"])

        def mix(share: float) -> str:
            return background.blend(foreground, share).hex

        def named(name: str) -> str:
            return Color.parse(variables[name]).hex

        return cls(
            text=Style(color=foreground.hex),
            strong=Style(color=foreground.hex, bold=True),
            muted=Style(color=mix(0.58)),
            faint=Style(color=mix(0.34)),
            edge=Style(color=mix(0.22)),
            edge_focus=Style(color=named("accent")),
            title=Style(color=mix(0.82), bold=True),
            accent=Style(color=named("accent"), bold=True),
            good=Style(color=named("success"), bold=True),
            warn=Style(color=named("warning"), bold=True),
            bad=Style(color=named("error"), bold=True),
            bad_banner=Style(color=background.hex, bgcolor=named("error"), bold=True),
            warn_banner=Style(color=background.hex, bgcolor=named("warning"), bold=True),
            cursor=Style(bgcolor=mix(0.16), bold=True),
            track=Style(bgcolor=mix(0.10)),
            dark=dark,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """Everything about appearance that a pure renderer needs."""

    palette: Palette
    glyphs: Glyphs
    colour: bool = True
    """False with ``NO_COLOR``: patterns and words must tell everything."""

    def type_style(self, event_type: str) -> Style:
        """The style of *event_type* in lists and bars."""
        return _type_style(event_type, self.palette.dark)

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
def _type_style(event_type: str, dark: bool) -> Style:  # noqa: FBT001 - a cache key
    return Style(color=type_colour(event_type, dark=dark))
