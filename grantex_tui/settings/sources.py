"""Where each setting comes from: command line over environment over file over default.

The environment has a variable for each, ``GRANTEX_TUI_…``, and takes Datadog's and Grantex's own names where
they have one. ``DD_ENV`` and ``DD_VERSION`` are tags there, and so they are here: they join the others unless
these have an ``env`` or ``version`` already (Datadog: getting started, unified service tagging).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.network.addresses import base_address
from grantex_tui.settings.model import Settings, check_values
from grantex_tui.settings.written import KEYS, SETTINGS, from_text, from_toml


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALIASES = {
    "GRANTEX_URL": "url",
    "GRANTEX_API_KEY": "grantex_api_key",
    "DD_API_KEY": "dd_api_key",
    "DD_SITE": "site",
    "DD_SERVICE": "service",
    "DD_SOURCE": "source",
    "DD_TAGS": "tags",
}
"""Names that others use for the same."""
TAGS = {"DD_ENV": "env", "DD_VERSION": "version"}
_OWN = "GRANTEX_TUI_"
_NO_SETTINGS = ("GRANTEX_TUI_CONFIG", "GRANTEX_TUI_ASCII", "GRANTEX_TUI_LOG_FORMAT")
_CHANGES_LOGS = ("DD_SERVICE", "DD_SOURCE", "DD_TAGS")
DEFAULT, COMMAND_LINE = "default", "the command line"


@dataclass(frozen=True, slots=True)
class Sourced:
    """Settings, and where each comes from."""

    settings: Settings
    origins: Mapping[str, str]
    """By field: ``default``, ``config.toml:3``, ``DD_SITE``, ``the command line``."""
    notes: tuple[str, ...] = ()
    """What the environment has changed of the logs, and what it says that isn't used."""


@dataclass(slots=True)
class _Gathered:
    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, name: str, value: object, origin: str) -> None:
        """Let *value* go before what was said of *name* so far; say so if it was the environment."""
        before = self.origins.get(name, "")
        if before in ALIASES or before.startswith(_OWN):
            self.notes.append(f"{before} is set and not used: {origin} goes before it")
        self.values[name], self.origins[name] = value, origin


def load_settings(
    options: Mapping[str, object],
    environment: Mapping[str, str],
    file_text: str = "",
    *,
    file_path: str = "",
) -> Settings:
    """The settings alone of what `gather` gives."""
    return gather(options, environment, file_text, file_path=file_path).settings


def gather(
    options: Mapping[str, object],
    environment: Mapping[str, str],
    file_text: str = "",
    *,
    file_path: str = "",
) -> Sourced:
    """Merge and check what was said, wherever it was said.

    Args:
        options: From the command line, by field name; what was not given is absent.
        environment: The process environment. An empty variable is none.
        file_text: ``config.toml``, empty if there is none.
        file_path: Its path, for messages.

    Raises:
        InvalidFileError: The file is not TOML, or has an unknown or ill-typed key.
        UsageError: A value is out of its range, or a variable's is none.
    """
    gathered = _Gathered()
    for name, value in parse_settings_file(file_text, path=file_path).items():
        gathered.take(name, value, f"{file_path}:{_line_of(name, file_text)}")
    for variable, name in (
        *ALIASES.items(),
        *((setting.variable, setting.name) for setting in SETTINGS),
    ):
        if text := environment.get(variable):
            gathered.take(name, _value(variable, name, text), variable)
    for name, value in options.items():
        gathered.take(name, value, COMMAND_LINE)
    _join_tags(gathered, environment)
    settings = msgspec.convert(gathered.values, Settings)
    check_values(settings)
    settings = replace(settings, url=base_address(settings.url, "--url"))
    notes = (*_changes(gathered.origins, settings), *gathered.notes, *_unknown(environment))
    origins = {setting.name: DEFAULT for setting in SETTINGS} | gathered.origins
    return Sourced(settings, origins, notes)


def _value(variable: str, name: str, text: str) -> object:
    try:
        if name == "tags":  # Datadog's tracers separate them by blanks, its Agent by commas as well
            return tuple(tag for tag in re.split(r"[,\s]+", text) if tag)
        return from_text(name, text)
    except ValueError as error:
        said = str(error).partition(" - at ")[0]
        shown = "its value" if name in KEYS else repr(text)
        raise UsageError(f"{variable}: {shown}: {said}", hint="Change or unset it.") from None


def _join_tags(gathered: _Gathered, environment: Mapping[str, str]) -> None:
    for variable, key in TAGS.items():
        value = environment.get(variable)
        if not value:
            continue
        written = gathered.values.get("tags", ())
        tags = tuple(str(tag) for tag in written) if isinstance(written, tuple | list) else ()
        if any(tag.startswith(f"{key}:") for tag in tags):
            gathered.notes.append(f"{variable} is set and not used: there is a tag {key}: already")
            continue
        origin = gathered.origins.get("tags")
        gathered.values["tags"] = (*tags, f"{key}:{value}")
        gathered.origins["tags"] = f"{origin}, {variable}" if origin else variable
        gathered.notes.append(f"logs get the tag {key}:{value} from {variable}")


def _changes(origins: Mapping[str, str], settings: Settings) -> Iterator[str]:
    """What variables that are meant for everything on a machine have made of our logs."""
    for name in ("service", "source", "tags"):
        variable = origins.get(name, "").partition(",")[0]
        if variable in _CHANGES_LOGS:
            value = getattr(settings, name)
            words = ",".join(value) if isinstance(value, tuple) else value
            yield f"logs get {name} {words} from {variable}"


def _unknown(environment: Mapping[str, str]) -> Iterator[str]:
    known = [*(setting.variable for setting in SETTINGS), *_NO_SETTINGS]
    for variable in sorted(environment):
        if variable.startswith(_OWN) and variable not in known:
            near = difflib.get_close_matches(variable, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{variable} is set and not used: there is no such setting{hint}"


def parse_settings_file(text: str, *, path: str) -> dict[str, object]:
    """The keys of a ``config.toml``, checked.

    Raises:
        InvalidFileError: With the line and, for an unknown key, the nearest known one.
    """
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFileError(f"not TOML: {error}", path=path) from error
    known = [setting.name for setting in SETTINGS]
    for key, value in values.items():
        line = _line_of(key, text)
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            raise InvalidFileError(f"unknown key {key!r}", path=path, line=line, hint=hint)
        try:
            values[key] = from_toml(key, value)
        except ValueError as error:  # msgspec's, too
            said = str(error).partition(" - at ")[0]  # the value itself may be a key
            raise InvalidFileError(f"{key}: {said}", path=path, line=line) from None
    return values


def _line_of(key: str, text: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().lstrip('"').startswith(key):
            return number
    return 0
