"""Browser, system and device of a user agent, by the open database of ua-parser, if it is installed.

A device's category is Datadog's own: it is guessed from the system and the device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from ua_parser import OS, Device, UserAgent


EXTRA = "install grantex-tui[user-agent]"
"""What makes it available."""
_OTHER = "Other"
_NUMBERS = ("major", "minor", "patch", "patch_minor")
_DESKTOP = ("Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Debian", "Fedora", "FreeBSD")
_MOBILE = ("iOS", "Android", "Windows Phone", "BlackBerry OS", "Firefox OS", "KaiOS", "Tizen")
_TABLETS = ("iPad", "Kindle", "Tab", "Nexus 7", "Nexus 9", "Nexus 10")
_LONGEST = 2048
"""Characters of a user agent that are looked at; real ones have a few hundred."""


def is_installed() -> bool:
    """Whether the database is there."""
    from importlib.util import find_spec

    return find_spec("ua_parser") is not None


def parse_user_agent(text: str) -> dict[str, object]:
    """The parts of a user agent, ``Other`` where the database knows none."""
    from ua_parser import parse

    found = parse(text[:_LONGEST])
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
