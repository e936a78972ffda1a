"""One frozen `Settings` for a run, and which values it may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grantex_tui.errors import UsageError
from grantex_tui.network.addresses import check_url


DEFAULT_URL = "https://api.grantex.dev"
COMPRESSIONS = ("gzip", "zstd", "none")
PATHS = ("both", "sse", "websocket")


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


def check_values(settings: Settings) -> None:
    """See that each value is one that a run can have.

    Raises:
        UsageError: One isn't.
    """
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
