"""How a setting's value is written, as text and in TOML, and what each is for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.settings.model import Settings
from grantex_tui.words.durations import parse_duration
from grantex_tui.words.sizes import parse_size


if TYPE_CHECKING:
    from collections.abc import Callable

SPELLINGS: dict[str, Callable[[object], float]] = {
    "flush_interval": parse_duration,
    "shutdown_timeout": parse_duration,
    "journal_max_age": parse_duration,
    "journal_max_bytes": parse_size,
    "journal_memory_bytes": parse_size,
    "max_event_size": parse_size,
}
"""Keys whose value is a number, or a text such as ``1h30m`` or ``500MB``."""
KEYS = ("grantex_api_key", "dd_api_key")
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them."""

    name: str
    what: str
    default: object

    @property
    def variable(self) -> str:
        """The environment variable of its own."""
        return f"GRANTEX_TUI_{self.name.upper()}"


_WHAT = {
    "url": "Grantex's base URL",
    "grantex_api_key": "Grantex's API key; better GRANTEX_API_KEY or a file",
    "grantex_api_key_file": "a file with Grantex's API key, read again when the key is refused",
    "types": "event types to keep, such as grant.* or budget.exhausted; all if empty",
    "paths": "how the stream is read: both, sse or websocket",
    "site": "Datadog's site",
    "intake_url": "where logs go instead of the site's intake: a simulator, a proxy, Vector",
    "dd_api_key": "Datadog's API key; better DD_API_KEY or a file",
    "dd_api_key_file": "a file with Datadog's API key, read again when the key is refused",
    "service": "the logs' service",
    "source": "the logs' source",
    "tags": "tags for every log, such as env:prod",
    "batch_size": "logs a request, from 1 to 1000",
    "flush_interval": "how long a batch waits to be filled; 0 turns the timer off",
    "max_request_events": "logs a request when delivery is behind, at most 1000",
    "entry_date": "put createdAt into each log as timestamp",
    "compression": "of requests: gzip, zstd or none",
    "forward": "deliver to Datadog; false only watches",
    "journal": "the folder in which events wait; the platform's if empty",
    "fsync": "wait until the disk has what was written",
    "journal_max_bytes": "most that the journal takes on disk; delivered events go first",
    "journal_max_age": "how long delivered events are kept",
    "journal_memory_bytes": "most that waits in memory while the disk takes nothing",
    "shutdown_timeout": "how long the end of a run may take",
    "ca_file": "authorities to trust besides the usual ones (PEM)",
    "client_cert": "our own certificate, for servers that ask for one (PEM)",
    "client_key": "its key, unless that is in the same file",
    "max_event_size": "the largest event that is taken",
    "monitors": "monitor files; the bundled nine if empty",
    "pipelines": "pipeline files; the bundled one if empty",
    "evaluate": "evaluate monitors on this machine",
    "listen": "addresses for metrics and health, such as 127.0.0.1:9464; none if empty",
}
SETTINGS = tuple(
    Setting(field.name, _WHAT[field.name], field.default) for field in fields(Settings)
)


def from_text(name: str, text: str) -> object:
    """The value of the setting *name* that an environment variable gives as *text*.

    Raises:
        ValueError: It can't be one.
    """
    default = next(setting.default for setting in SETTINGS if setting.name == name)
    if name in SPELLINGS:
        return SPELLINGS[name](text)
    if isinstance(default, bool):
        if text.lower() not in _WORDS:
            raise ValueError("write true or false")
        return _WORDS[text.lower()]
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return from_toml(name, int(text) if isinstance(default, int) else text)


def from_toml(name: str, value: object) -> object:
    """The value of the setting *name* that a file gives as *value*.

    Raises:
        ValueError: It can't be one.
    """
    if name in SPELLINGS:
        value = SPELLINGS[name](value)
    converted: object = getattr(msgspec.convert({name: value}, Settings), name)
    return converted


def as_toml(value: object) -> str:
    """*value* as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return msgspec.json.encode(str(value)).decode()


def template() -> str:
    """A ``config.toml`` with every setting at its default, commented out."""
    parts = [
        "# grantex-tui's settings. The command line and the environment go before this file.\n"
    ]
    parts += [
        f"# {setting.what}; {setting.variable}\n# {setting.name} = {as_toml(setting.default)}\n"
        for setting in SETTINGS
    ]
    return "\n".join(parts)
