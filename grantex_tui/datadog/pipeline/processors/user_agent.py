"""``user-agent-parser``: browser, system and device, by the open database of ua-parser.

Datadog: logs/log_configuration/processors/user_agent_parser. The database is that of an extra,
``grantex-tui[user-agent]``; without it the processor is not evaluated, and that is said. A device's
category is Datadog's own: it is guessed from the system and the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from grantex_tui.datadog.pipeline.log_values import first_source, target
from grantex_tui.datadog.pipeline.processor import (
    Effects,
    Kind,
    common,
    not_evaluated,
    not_evaluated_note,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from ua_parser import OS, Device, UserAgent

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


_TYPE = "user-agent-parser"
_WHY = "install grantex-tui[user-agent]"
_OTHER = "Other"
_NUMBERS = ("major", "minor", "patch", "patch_minor")
_DESKTOP = ("Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Debian", "Fedora", "FreeBSD")
_MOBILE = ("iOS", "Android", "Windows Phone", "BlackBerry OS", "Firefox OS", "KaiOS", "Tizen")
_TABLETS = ("iPad", "Kindle", "Tab", "Nexus 7", "Nexus 9", "Nexus 10")
_LONGEST = 2048
"""Characters of a user agent that are looked at; real ones have a few hundred."""


@dataclass(frozen=True, slots=True)
class UserAgentParser:
    """The first source that is there."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    is_encoded: bool = False

    def effects(self) -> Effects:
        """It sets its target, if the database is there."""
        written = frozenset({self.target})
        if _is_installed():
            return Effects(self.sources, written)
        notes = (not_evaluated_note(_TYPE, _WHY),)
        return Effects(self.sources, unevaluated=written, notes=notes)

    def step(self) -> Step | None:
        """Looks the user agent up."""
        if not _is_installed():
            return None
        read_first, set_target, is_encoded = (
            first_source(self.sources),
            target(self.target),
            self.is_encoded,
        )

        def step(log: Log, _run: Run) -> None:
            text = read_first(log)
            if isinstance(text, str):
                text = text[:_LONGEST]
                set_target(log, parse_user_agent(unquote_plus(text) if is_encoded else text))

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """That it is not evaluated, if it isn't."""
        if not _is_installed():
            yield not_evaluated(reader, _TYPE, _WHY)


def _is_installed() -> bool:
    return find_spec("ua_parser") is not None


def parse_user_agent(text: str) -> dict[str, object]:
    """The parts of a user agent, ``Other`` where the database knows none."""
    from ua_parser import parse

    found = parse(text)
    return {
        "browser": _versioned(found.user_agent),
        "os": _versioned(found.os),
        "device": _device(found.device, found.os),
    }


def _versioned(part: UserAgent | OS | None) -> dict[str, object]:
    if part is None:
        return {"family": _OTHER}
    numbers = ((name, getattr(part, name)) for name in _NUMBERS)
    return {"family": part.family, **{name: value for name, value in numbers if value}}


def _device(device: Device | None, system: OS | None) -> dict[str, object]:
    if device is None:
        return {"family": _OTHER, "category": _category(_OTHER, system)}
    known = (("brand", device.brand), ("model", device.model))
    return {
        "family": device.family,
        "category": _category(device.family, system),
        **{name: value for name, value in known if value},
    }


def _category(device: str, system: OS | None) -> str:
    family = system.family if system else _OTHER
    if device == "Spider":
        return "Bot"
    if any(name in device for name in _TABLETS):
        return "Tablet"
    if family in _MOBILE:
        return "Mobile"
    return "Desktop" if family in _DESKTOP else _OTHER


def _read(reader: Reader) -> UserAgentParser:
    return UserAgentParser(
        *common(reader),
        sources=reader.texts("sources", ("http.useragent",)),
        target=reader.text("target", "http.useragent_details"),
        is_encoded=reader.flag("is_encoded"),
    )


KIND = Kind(
    _TYPE,
    ("is_encoded", "sources", "target"),
    _read,
    "names browser, system and device of a user agent",
    "needs `grantex-tui[user-agent]`, else not evaluated; a device's category is guessed",
)
