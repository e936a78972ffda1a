"""`grantex-tui watch`: the dashboard, or the same without a screen."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.cli.options import (
    comma_list,
    count,
    duration,
    on_a_terminal,
    prompter,
    read_text,
    settings_path,
    size,
    sourced_from,
)
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    import argparse

    from grantex_tui.settings import Settings
    from grantex_tui.watch.engine import Limits
    from grantex_tui.watch.narration import LogSettings

_FIELDS = {
    name: name
    for name in [
        "url",
        "types",
        "paths",
        "site",
        "intake_url",
        "service",
        "source",
        "batch_size",
        "flush_interval",
        "max_request_events",
        "entry_date",
        "compression",
        "forward",
        "journal",
        "fsync",
        "journal_max_bytes",
        "journal_memory_bytes",
        "grantex_api_key",
        "dd_api_key",
        "ca_file",
        "client_cert",
        "client_key",
    ]
} | {
    "tag": "tags",
    "monitors": "monitors",
    "evaluate": "evaluate",
    "pipeline": "pipelines",
    "listen": "listen",
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "watch",
        help="see the live stream and forward it to Datadog",
        description="Show Grantex's live event stream and forward it to Datadog, losing nothing.",
        epilog="Events wait in the journal until Datadog has accepted them; a restart goes on "
        "where the last run ended.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `watch`."""
    stream = parser.add_argument_group("stream")
    stream.add_argument("--url", help="Grantex's base URL (GRANTEX_URL; https://api.grantex.dev)")
    stream.add_argument(
        "--types", type=comma_list, metavar="A,B", help="only these event types; prefix.* is fine"
    )
    stream.add_argument(
        "--paths", choices=("both", "sse", "websocket"), help="how it is read (both, merged by id)"
    )
    delivery = parser.add_argument_group("delivery to Datadog")
    where = delivery.add_mutually_exclusive_group()
    where.add_argument("--site", help="Datadog's site (DD_SITE; datadoghq.com)")
    where.add_argument(
        "--intake-url", metavar="URL", help="another intake: a simulator, a proxy, Vector"
    )
    delivery.add_argument("--service", help="the logs' service (grantex)")
    delivery.add_argument("--source", help="the logs' source (grantex)")
    delivery.add_argument(
        "--tag", action="append", metavar="K:V", help="a tag for every log; may be repeated"
    )
    delivery.add_argument("--batch-size", type=count, metavar="N", help="logs a request (100)")
    delivery.add_argument(
        "--flush-interval",
        type=duration,
        metavar="DURATION",
        help="how long until a batch goes out unfilled (5s); 0 turns the timer off",
    )
    delivery.add_argument(
        "--max-request-events",
        type=count,
        metavar="N",
        help="logs a request when behind (1000, the most Datadog takes)",
    )
    delivery.add_argument(
        "--entry-date",
        action="store_true",
        default=None,
        help="put createdAt into each log as timestamp: late logs are dated without a pipeline",
    )
    delivery.add_argument(
        "--compression", choices=("gzip", "zstd", "none"), help="of requests (gzip)"
    )
    delivery.add_argument(
        "--no-forward", dest="forward", action="store_false", default=None, help="only watch"
    )
    network = parser.add_argument_group(
        "network",
        "Proxies are taken from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and DD_PROXY_*.",
    )
    network.add_argument(
        "--ca-file", metavar="FILE", help="trust these authorities, too (PEM; a corporate proxy's)"
    )
    network.add_argument(
        "--client-cert", metavar="FILE", help="our certificate, for servers that ask for one (PEM)"
    )
    network.add_argument(
        "--client-key", metavar="FILE", help="its key, unless --client-cert has it in it"
    )
    keep = parser.add_argument_group("journal")
    place = keep.add_mutually_exclusive_group()
    place.add_argument("--journal", metavar="DIR", help="where events are kept until delivered")
    place.add_argument(
        "--no-journal", action="store_true", help="keep events in memory only; a crash loses them"
    )
    keep.add_argument(
        "--max-journal", dest="journal_max_bytes", type=size, metavar="SIZE",
        help="most that the journal takes on disk (1GB); delivered events go first",
    )  # fmt: skip
    keep.add_argument(
        "--max-memory", dest="journal_memory_bytes", type=size, metavar="SIZE",
        help="most that waits in memory while the disk takes nothing (64MB)",
    )  # fmt: skip
    keep.add_argument(
        "--no-fsync", dest="fsync", action="store_false", default=None,
        help="leave it to the system when events reach the disk",
    )  # fmt: skip
    judge = parser.add_argument_group("monitors, evaluated on this machine")
    which = judge.add_mutually_exclusive_group()
    which.add_argument(
        "--monitors", nargs="+", metavar="FILE", help="Datadog monitors (the bundled nine)"
    )
    which.add_argument(
        "--no-monitors", dest="evaluate", action="store_false", default=None, help="evaluate none"
    )
    judge.add_argument(
        "--pipeline",
        action="append",
        metavar="FILE",
        help="the log pipeline behind their facets (the bundled one); may be repeated",
    )
    judge.add_argument(
        "--fail-on-alert",
        action="store_true",
        help="exit with 1 if a monitor went to Alert during the run",
    )
    run_group = parser.add_argument_group("run")
    run_group.add_argument("--headless", action="store_true", help="lines instead of a dashboard")
    run_group.add_argument(
        "--json", action="store_true", help="with --headless: each event as received, as JSON"
    )
    run_group.add_argument(
        "--detach-on-hangup",
        action="store_true",
        help="when the terminal is closed, go on without a screen (instead of draining)",
    )
    run_group.add_argument(
        "--for", dest="for_seconds", type=duration, metavar="DURATION", help="end after this time"
    )
    run_group.add_argument(
        "--listen", action="append", metavar="ADDR",
        help="metrics and health over HTTP there, such as 127.0.0.1:9464; may be repeated",
    )  # fmt: skip
    run_group.add_argument("--events", type=count, metavar="N", help="end after this many events")
    run_group.add_argument(
        "--config", metavar="FILE", help="settings (GRANTEX_TUI_CONFIG; config.toml)"
    )
    log = parser.add_argument_group("log")
    log.add_argument(
        "-v", "--verbose", action="store_true", help="on stderr, each read and request as well"
    )
    log.add_argument(
        "--log-file", default="", metavar="FILE",
        help="append the log there, with each read and request; `trace` reads it",
    )  # fmt: skip
    log.add_argument(
        "--log-format", choices=("text", "json"), default="text",
        help="lines for people or for programs (text); `trace` needs json",
    )  # fmt: skip
    keys = parser.add_argument_group(
        "keys", "Better set GRANTEX_API_KEY and DD_API_KEY: options can be seen by other users."
    )
    keys.add_argument("--grantex-api-key", metavar="KEY", help="Grantex's API key")
    keys.add_argument("--dd-api-key", metavar="KEY", help="Datadog's API key")


def run(args: argparse.Namespace) -> int:
    """Run `watch` as *args* say."""
    if args.json and not args.headless:
        raise UsageError("--json prints lines, a dashboard does not", hint="Add --headless.")
    if not args.headless and not on_a_terminal():
        raise UsageError(
            "the dashboard needs a terminal, and this is none",
            hint="Use --headless (add --json for events as JSON lines).",
        )
    from grantex_tui.watch.narration import LogSettings

    for option in ("grantex_api_key", "dd_api_key"):
        if getattr(args, option):
            name = option.upper()
            print(
                f"warning: --{option.replace('_', '-')} can be seen by other users of this machine;"
                f" set {name} instead",
                file=sys.stderr,
            )
    sourced = sourced_from(args, _FIELDS)
    settings = sourced.settings
    for note in sourced.notes:
        print(f"settings: {note}", file=sys.stderr)
    for warning in readable_keys(settings, settings_path(args.config)):
        print(f"warning: {warning}", file=sys.stderr)
    settings = with_keys(settings)
    if args.no_journal:
        settings = replace(settings, journal=None)
    return start(
        settings,
        limits_from(args, settings),
        headless=args.headless,
        as_json=args.json,
        fail_on_alert=args.fail_on_alert,
        detach=args.detach_on_hangup,
        log=LogSettings(args.log_format, verbose=args.verbose, file=args.log_file),
    )


def limits_from(args: argparse.Namespace, settings: Settings) -> Limits:
    """When the run ends."""
    from grantex_tui.watch.engine import Limits

    return Limits(args.events, args.for_seconds, settings.shutdown_timeout)


def readable_keys(settings: Settings, config: Path | None) -> list[str]:
    """Warnings of files with keys in them that every user of this machine can read."""
    import stat
    import tomllib

    files = [
        Path(name) for name in (settings.grantex_api_key_file, settings.dd_api_key_file) if name
    ]
    if config is not None and tomllib.loads(read_text(config)).keys() & {
        "grantex_api_key",
        "dd_api_key",
    }:
        files.append(config)
    paths = [path.expanduser() for path in files]
    return [
        f"{path} holds a key and can be read by every user of this machine; chmod 600 {path}"
        for path in paths
        if path.exists() and path.stat().st_mode & stat.S_IROTH
    ]


def with_keys(settings: Settings) -> Settings:
    """*settings* with every key that the run needs.

    Raises:
        UsageError: One is missing and nobody can be asked.
    """
    from grantex_tui.settings import require_key

    def read_file(path: str) -> str:
        return read_text(Path(path).expanduser())

    grantex = require_key(
        "GRANTEX_API_KEY",
        settings.grantex_api_key,
        key_file=settings.grantex_api_key_file,
        read_file=read_file,
        ask=prompter(),
    )
    datadog = settings.dd_api_key
    if settings.forward:
        datadog = require_key(
            "DD_API_KEY",
            settings.dd_api_key,
            key_file=settings.dd_api_key_file,
            read_file=read_file,
            ask=prompter(),
        )
    return replace(settings, grantex_api_key=grantex, dd_api_key=datadog)


def start(
    settings: Settings,
    limits: Limits,
    *,
    headless: bool,
    as_json: bool,
    fail_on_alert: bool = False,
    detach: bool = False,
    log: LogSettings | None = None,
) -> int:
    """Run the live job with or without a screen; returns the exit code."""
    if headless:
        from grantex_tui.watch.run import run_headless

        return run_headless(settings, limits, as_json=as_json, fail_on_alert=fail_on_alert, log=log)
    from grantex_tui.tui.start import start_dashboard

    return start_dashboard(settings, limits, fail_on_alert=fail_on_alert, detach=detach, log=log)
