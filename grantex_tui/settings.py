"""One frozen `Settings` for a run: command line over environment over file over default."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.network.addresses import base_address, check_url
from grantex_tui.words.durations import parse_duration
from grantex_tui.words.sizes import parse_size


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_URL = "https://api.grantex.dev"
COMPRESSIONS = ("gzip", "zstd", "none")
PATHS = ("both", "sse", "websocket")
_WRITTEN: dict[str, Callable[[object], float]] = {
    "flush_interval": parse_duration,
    "shutdown_timeout": parse_duration,
    "journal_max_age": parse_duration,
    "journal_max_bytes": parse_size,
    "journal_memory_bytes": parse_size,
    "max_event_size": parse_size,
}
"""Keys whose value is a number, or a text such as ``1h30m`` or ``500MB``."""
ENVIRONMENT = {
    "GRANTEX_URL": "url",
    "GRANTEX_API_KEY": "grantex_api_key",
    "DD_API_KEY": "dd_api_key",
    "DD_SITE": "site",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run can be told. Durations in seconds."""

    url: str = DEFAULT_URL
    """Grantex's base URL; ``/v1``, the stream's path and a query are left out."""
    grantex_api_key: str = field(default="", repr=False)
    grantex_api_key_file: str = ""
    types: tuple[str, ...] = ()
    """Event types to keep, ``prefix.*`` allowed; empty for all."""
    paths: Literal["both", "sse", "websocket"] = "both"
    """The paths on which the stream is read."""
    site: str = "datadoghq.com"
    intake_url: str = ""
    """Where logs go instead of the site's intake (a simulator, a proxy, Vector)."""
    dd_api_key: str = field(default="", repr=False)
    dd_api_key_file: str = ""
    service: str = "grantex"
    source: str = "grantex"
    tags: tuple[str, ...] = ()
    batch_size: int = 100
    flush_interval: float = 5.0
    """0 turns the timer off: a batch then waits until it is full."""
    max_request_events: int = 1000
    """Logs that a request takes at most when delivery is behind (the guide's ``batchSize`` is 100)."""
    entry_date: bool = False
    """Put ``createdAt`` into each log as ``timestamp``."""
    compression: Literal["gzip", "zstd", "none"] = "gzip"
    forward: bool = True
    journal: str | None = ""
    """A folder; empty for the default one, None for no journal."""
    fsync: bool = True
    journal_max_bytes: int = 1_000_000_000
    journal_max_age: float = 14 * 86400.0
    journal_memory_bytes: int = 64 * 1024 * 1024
    """How much waits in memory while the disk takes nothing, or without a journal."""
    shutdown_timeout: float = 10.0
    ca_file: str = ""
    """Certificates (PEM) of authorities to trust besides the usual ones."""
    client_cert: str = ""
    """Our own certificate (PEM), for servers that ask for one."""
    client_key: str = ""
    """Its key, unless that is in the same file."""
    max_event_size: int = 8 * 1024 * 1024
    monitors: tuple[str, ...] = ()
    """Monitor files; empty for the bundled ones."""
    pipelines: tuple[str, ...] = ()
    """Pipeline files; empty for the bundled one."""
    evaluate: bool = True
    listen: tuple[str, ...] = ()
    """Addresses that answer with metrics, health and status; nothing listens without."""


def load_settings(
    options: Mapping[str, object],
    environment: Mapping[str, str],
    file_text: str = "",
    *,
    file_path: str = "",
) -> Settings:
    """Merge and check what was said, wherever it was said.

    Args:
        options: From the command line, by field name; what was not given is absent.
        environment: The process environment.
        file_text: ``config.toml``, empty if there is none.
        file_path: Its path, for messages.

    Raises:
        InvalidFileError: The file is not TOML, or has an unknown or ill-typed key.
        UsageError: A value is out of its range.
    """
    from_file = parse_settings_file(file_text, path=file_path)
    from_environment = {
        name: environment[variable]
        for variable, name in ENVIRONMENT.items()
        if environment.get(variable)
    }
    settings = msgspec.convert({**from_file, **from_environment, **options}, Settings)
    _check(settings)
    return replace(settings, url=base_address(settings.url, "--url"))


def parse_settings_file(text: str, *, path: str) -> dict[str, object]:
    """The keys of a ``config.toml``, checked.

    Raises:
        InvalidFileError: With the line and, for an unknown key, the nearest known one.
    """
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFileError(f"not TOML: {error}", path=path) from error
    known = [f.name for f in fields(Settings)]
    for key, value in values.items():
        line = _line_of(key, text)
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            raise InvalidFileError(f"unknown key {key!r}", path=path, line=line, hint=hint)
        try:
            if key in _WRITTEN:
                values[key] = _WRITTEN[key](value)
            msgspec.convert({key: values[key]}, Settings)
        except ValueError as error:  # msgspec's, too
            said = str(error).partition(" - at ")[0]  # the value itself may be a key
            raise InvalidFileError(f"{key}: {said}", path=path, line=line) from None
    return values


def _line_of(key: str, text: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().lstrip('"').startswith(key):
            return number
    return 0


def _check(settings: Settings) -> None:
    if not 1 <= settings.batch_size <= 1000:
        raise UsageError(
            f"batch size {settings.batch_size}: Datadog takes 1 to 1000 logs a request",
            hint="Give --batch-size a number from 1 to 1000.",
        )
    if settings.flush_interval < 0:
        raise UsageError(
            f"flush interval {settings.flush_interval} is negative",
            hint="Give seconds, or 0 to turn the timer off.",
        )
    if settings.compression not in COMPRESSIONS:
        raise UsageError(
            f"compression {settings.compression!r} is unknown",
            hint=f"Choose {', '.join(COMPRESSIONS)}.",
        )
    if not 1 <= settings.max_request_events <= 1000:
        raise UsageError(
            f"{settings.max_request_events} events a request: Datadog takes 1 to 1000",
            hint="Give --max-request-events a number from 1 to 1000.",
        )
    if settings.client_key and not settings.client_cert:
        raise UsageError(
            "a client key without its certificate", hint="Give --client-cert FILE as well."
        )
    if settings.intake_url:
        check_url(settings.intake_url, "--intake-url")
    _check_journal(settings)
    for tag in settings.tags:
        if not tag or "," in tag:
            raise UsageError(f"tag {tag!r}", hint="Give one tag as key:value, without commas.")


def _check_journal(settings: Settings) -> None:
    for name in ("journal_max_bytes", "journal_memory_bytes", "journal_max_age"):
        if not getattr(settings, name) > 0:
            raise UsageError(f"{name} {getattr(settings, name)}", hint="Give a number above 0.")


def require_key(
    name: str,
    value: str,
    *,
    key_file: str = "",
    read_file: Callable[[str], str],
    ask: Callable[[str], str] | None,
) -> str:
    """An API key from where it was put, or asked for by *name*.

    Args:
        name: The environment variable that would hold it.
        value: The key, if it is known already.
        key_file: A file that holds it.
        read_file: Reads that file.
        ask: Prompts without echo; None where nobody can answer.

    Raises:
        UsageError: There is no key, or it holds what no header may hold.
    """
    key = value or (read_file(key_file).strip() if key_file else "")
    if not key and ask is not None:
        key = ask(f"{name}: ").strip()
    if not key:
        raise UsageError(
            f"{name} is not set",
            hint=f"Set {name} in the environment, or name a file with {name.lower()}_file in config.toml.",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"{name} holds characters that an HTTP header cannot carry",
            hint="Look for a line break or a quote that was copied along.",
        )
    return key
