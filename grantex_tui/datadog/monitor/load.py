"""Monitor files: JSON or YAML in, monitors out, and back without losing a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.document import Document, read_document, step
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.datadog.monitor.scanner import QueryError
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.errors import InvalidFileError
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Monitor


@dataclass(frozen=True, slots=True)
class FileObject:
    """One object of a file: the value, and its JSON path in the file (empty: the file itself)."""

    value: object
    where: str


def objects_of(document: Document) -> list[FileObject]:
    """The objects of a file: one, a list, or those of an API reply's ``monitors``."""
    return [_unwrapped(each) for each in _listed(document)]


def _unwrapped(item: FileObject) -> FileObject:
    """The monitor inside the wrapper in which Datadog's integrations ship theirs."""
    inside = item.value.get("definition") if isinstance(item.value, Mapping) else None
    if isinstance(inside, Mapping) and "query" in inside:
        return FileObject(inside, step(item.where, "definition"))
    return item


def _listed(document: Document) -> list[FileObject]:
    value, where = document.value, ""
    if isinstance(value, Mapping) and isinstance(value.get("monitors"), list):
        value, where = value["monitors"], "monitors"
    if isinstance(value, list):
        return [FileObject(item, step(where, index)) for index, item in enumerate(value)]
    return [FileObject(value, where)]


def load_monitors(text: str, *, path: str) -> list[Monitor]:
    """The monitors of a text: one object, a list of them, or an API reply.

    Args:
        text: JSON or YAML; extra keys are kept in ``Monitor.source``.
        path: Where the text comes from, for errors.

    Raises:
        InvalidFileError: The first reason for which Datadog would refuse one of them, with its
            line; or the text is neither JSON nor YAML; or none of them is evaluated here.
    """
    loaded = load_file(text, path=path)
    if loaded.others and not loaded.monitors:
        raise loaded.others[0].error
    return loaded.monitors


@dataclass(frozen=True, slots=True)
class Other:
    """A monitor that Datadog takes and nothing here evaluates."""

    text: str
    """One line for people: its name, where it stands, and why."""
    error: InvalidFileError
    """For where nothing else is left."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What of a file can be evaluated, and what can't."""

    monitors: list[Monitor]
    others: list[Other]


def load_file(text: str, *, path: str) -> Loaded:
    """The monitors of a text, and apart from them those that are not evaluated here.

    Args:
        text: as of `load_monitors`.
        path: where it comes from.

    Raises:
        InvalidFileError: as of `load_monitors`, but not for what is only not evaluated here.
    """
    document = read_document(text, path=path)
    loaded = Loaded([], [])
    for item in objects_of(document):
        read = _load(item, document, path)
        if isinstance(read, Other):
            loaded.others.append(read)
        else:
            loaded.monitors.append(read)
    return loaded


def _load(item: FileObject, document: Document, path: str) -> Monitor | Other:
    if not isinstance(item.value, Mapping):
        line = document.line(item.where)
        hint = "a monitor is Datadog's API object: name, type, query, message, options"
        raise InvalidFileError("not a monitor", path=path, line=line, hint=hint)
    errors = [problem for problem in validate_monitor(item.value) if problem.severity == "error"]
    if errors:
        first = errors[0]
        line = document.line(_inside(item.where, first.where))
        name = item.value.get("name")
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"monitor {name!r}: {first.where}: {first.message}{more}"
        raise InvalidFileError(message, path=path, line=line, hint=first.fix)
    try:
        return read_monitor(item.value)
    except QueryError as error:
        line = document.line(_inside(item.where, "query"))
        name = printable(str(item.value.get("name", "")), limit=120)
        text = f"left out: {name} ({path}:{line}): {error.reason}"
        return Other(text, InvalidFileError(error.message, path=path, line=line, hint=error.hint))


def _inside(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer and inner else outer or inner
