"""The options that commands share, and the way from them to `Settings`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import InvalidFileError, UsageError


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grantex_tui.events.entry import Sender
    from grantex_tui.settings import Settings, Sourced


def comma_list(text: str) -> list[str]:
    """``a, b`` as a list; blanks around a name are dropped (the service would not)."""
    return [name.strip() for name in text.split(",") if name.strip()]


def count(text: str) -> int:
    """A whole number from 1 up."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number from 1 up")
    return number


def duration(text: str) -> float:
    """Seconds of ``90``, ``90s``, ``1h30m``, ``500ms``."""
    from grantex_tui.words.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def size(text: str) -> int:
    """Bytes of ``500MB``, ``2GiB``, ``1000000``; at least one."""
    from grantex_tui.words.sizes import parse_size

    try:
        value = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if value == 0:
        raise argparse.ArgumentTypeError("give a size above 0")
    return value


def add_sender(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """The options that say what is on the log of an event whose recording doesn't tell."""
    parser.add_argument(
        "--tag", action="append", metavar="K:V",
        help="on the logs of events whose recording doesn't tell; may be repeated",
    )  # fmt: skip
    parser.add_argument("--service", help="their service (grantex)")
    parser.add_argument("--source", help="their source (grantex)")


def sender_from(args: argparse.Namespace) -> Sender:
    """What is put on the log of an event whose recording doesn't tell.

    Options go before the environment and ``config.toml``, as they do for `watch`.

    Raises:
        GrantexTuiError: Settings or a tag are wrong.
    """
    from grantex_tui.events.entry import Sender

    settings = settings_from(args, {"tag": "tags", "service": "service", "source": "source"})
    return Sender(tuple(settings.tags), settings.service, settings.source)


def settings_from(args: argparse.Namespace, names: Mapping[str, str]) -> Settings:
    """The run's settings: what *args* says over the environment over ``config.toml``.

    *names* maps an attribute of *args* to a field of `Settings`; None means "not given".
    """
    return sourced_from(args, names).settings


def sourced_from(args: argparse.Namespace, names: Mapping[str, str]) -> Sourced:
    """The same, with where each comes from, and what is to be said of that."""
    from grantex_tui.settings import gather

    options = {
        field: getattr(args, name)
        for name, field in names.items()
        if getattr(args, name, None) is not None
    }
    path, text = _settings_file(getattr(args, "config", None))
    return gather(options, os.environ, text, file_path=path)


def settings_path(given: str | None) -> Path | None:
    """Where ``config.toml`` is, if there is one: what was named, or the one in the usual place.

    A user without a home, or with one that belongs to somebody else, has none: containers run so.
    """
    from pathlib import Path

    import platformdirs

    if named := given or os.environ.get("GRANTEX_TUI_CONFIG"):
        return Path(named)
    try:
        path = platformdirs.user_config_path("grantex-tui") / "config.toml"
    except RuntimeError:
        return None
    return path if os.path.exists(path) else None  # noqa: PTH110 - Path.exists raises EACCES


def _settings_file(given: str | None) -> tuple[str, str]:
    path = settings_path(given)
    return ("", "") if path is None else (str(path), read_text(path))


def read_text(path: Path) -> str:
    """A settings, key or monitor file's text.

    Raises:
        InvalidFileError: It can't be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InvalidFileError(
            f"can't be read: {error.strerror}", path=str(path), hint="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidFileError("is not UTF-8 text", path=str(path)) from error


def on_a_terminal() -> bool:
    """Whether a dashboard can be shown: it reads stdin, and draws on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def prompter() -> Callable[[str], str] | None:
    """Asks on the terminal without echo; None where there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    import getpass

    def ask(prompt: str) -> str:
        try:
            return getpass.getpass(prompt, stream=sys.stderr)
        except EOFError:
            raise UsageError(f"no answer to {prompt.rstrip(': ')}") from None

    return ask
