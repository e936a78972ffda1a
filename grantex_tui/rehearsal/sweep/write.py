"""New thresholds and windows in a monitor file: the numbers change, and not one other character.

The text is edited where the values stand, then read again: unless exactly the wanted values have
changed, nothing is written.
"""

from __future__ import annotations

import copy
import re
from dataclasses import fields
from typing import TYPE_CHECKING

from grantex_tui.datadog.document import read_document, step
from grantex_tui.datadog.monitor.load import load_monitors, objects_of
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.datadog.monitor.scanner import number_text
from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.errors import InvalidFileError
from grantex_tui.rehearsal.sweep.scalars import scalar_spans
from grantex_tui.rehearsal.sweep.variants import setting_of, with_setting


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grantex_tui.datadog.document import Document
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.sweep.scalars import Span
    from grantex_tui.rehearsal.sweep.variants import Setting

_BOM = "\ufeff"
_CRITICAL = "options.thresholds.critical"
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_THRESHOLD = re.compile(
    rf"(?P<before>(?:[<>=]|\\u003[cdeCDE])\s*)(?P<value>{_NUMBER})(?=(?:\\[nrt]|[\s\"'])*$)"
)
"""The number at the end; Go writes ``>`` as ``\\u003e``."""
_LAST = re.compile(r"(?P<before>\.last\(\s*\\?[\"'])(?P<value>\d+[mh])(?=\\?[\"'])")
_ALERT_WINDOW = re.compile(
    r"(?P<before>alert_window\s*=\s*\\?['\"]+last_)(?P<value>\d+[mhdw])(?=\\?['\"])"
)
_QUERY_WINDOW = re.compile(r"(?P<before>\(\s*last_)(?P<value>\d+[mhdw])(?=\s*\))")
_DEVIATIONS = re.compile(rf"(?P<before>(?:basic|agile|robust)\\?['\"]+\s*,\s*)(?P<value>{_NUMBER})")
_INTERVAL = re.compile(r"(?P<before>interval\s*=\s*\\?['\"]*)(?P<value>\d+)")
_PLACES = {
    "threshold": _THRESHOLD,
    "last": _LAST,
    "deviations": _DEVIATIONS,
    "alert_window": _ALERT_WINDOW,
    "query_window": _QUERY_WINDOW,
    "interval": _INTERVAL,
}
"""Where the numbers of a query stand in its text."""


def rewritten(text: str, monitor: Monitor, setting: Setting, *, path: str) -> str:
    """The text of a monitor file with another setting of one of its monitors.

    Args:
        text: JSON or YAML, as it is in the file.
        monitor: as it was read from the file.
        setting: wanted.
        path: the file, for errors.

    Raises:
        InvalidFileError: It can't be changed without changing more, or isn't the monitor's file.
    """
    mark, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    document = read_document(body, path=path)
    where = _place(document, monitor, path)
    wanted = with_setting(monitor, setting)
    edits = dict(_threshold_edits(monitor, setting, path))
    edits.update(_window_edits(monitor, wanted))
    query = _edited_query(monitor.query_text, monitor, wanted, path)
    spans = scalar_spans(body, is_json=_is_json(body, path))
    pieces: list[tuple[int, int, str]] = []
    if not _has(monitor.source, _CRITICAL):
        edits.pop(_CRITICAL, None)  # it stands in the query alone
    for key, new in edits.items():
        start, end = _span(spans, _inside(where, key), path)
        pieces.append((start, end, _quoted_like(body[start:end], new)))
    if query != monitor.query_text:
        start, end = _span(spans, _inside(where, "query"), path)
        pieces.append((start, end, _edited_query(body[start:end], monitor, wanted, path)))
    for start, end, new in sorted(pieces, reverse=True):
        body = body[:start] + new + body[end:]
    _verify(body, document, where, {**edits, "query": query}, wanted, path)
    return mark + body


def _span(spans: Mapping[str, Span], key: str, path: str) -> Span:
    """Where a scalar is written, unless more than one place means it."""
    found = spans.get(key)
    if found is None:
        raise InvalidFileError(
            f"can't be changed where it is: {key} comes from elsewhere by a merge key (<<)",
            path=path,
            hint="Write it out in the monitor, or change it by hand to the recommended values.",
        )
    others = [other for other, span in spans.items() if span == found and other != key]
    if others:
        raise InvalidFileError(
            f"can't be changed safely: {key} is {others[0]}, too, by an alias",
            path=path,
            hint="Write it out in the monitor, or change it by hand to the recommended values.",
        )
    return found


def _place(document: Document, monitor: Monitor, path: str) -> str:
    places = [item.where for item in objects_of(document) if item.value == monitor.source]
    if len(places) != 1:
        what = "is not in the file any more" if not places else "is in the file more than once"
        raise InvalidFileError(f"the monitor {monitor.name!r} {what}", path=path)
    return places[0]


def _threshold_edits(monitor: Monitor, setting: Setting, path: str) -> Iterator[tuple[str, str]]:
    own, wanted = monitor.options.thresholds, setting.thresholds
    for each in fields(Thresholds):
        before, after = getattr(own, each.name), getattr(wanted, each.name)
        if before == after:
            continue
        if each.name != "critical" and (before is None or after is None):
            change = "has to go" if after is None else f"has to be added: {number_text(after)}"
            raise InvalidFileError(
                f"can't be changed by its numbers alone: {each.name} {change}",
                path=path,
                hint="Change the file by hand to these values, or choose --warning.",
            )
        yield f"options.thresholds.{each.name}", number_text(after)


def _window_edits(monitor: Monitor, wanted: Monitor) -> Iterator[tuple[str, str]]:
    for key in ("trigger_window", "recovery_window"):
        before, after = getattr(monitor.options, key), getattr(wanted.options, key)
        if before != after and before is not None:
            yield f"options.threshold_windows.{key}", f"last_{span_text(after, 'mhd')}"


def _edited_query(text: str, monitor: Monitor, wanted: Monitor, path: str) -> str:
    """The query, as it is or in the quotes and escapes of a file, with what is wanted."""
    before = monitor.query.numbers
    for name, number in wanted.query.numbers.items():
        if number != before[name]:
            text = _put(_PLACES[name], text, number, path)
    return text


def _put(pattern: re.Pattern[str], text: str, value: str, path: str) -> str:
    found = list(pattern.finditer(text))
    if not found:
        raise InvalidFileError(
            "the query's numbers can't be found in the file",
            path=path,
            hint="Change the file by hand to the recommended values.",
        )
    start, end = found[-1].span("value")
    return text[:start] + value + text[end:]


def _quoted_like(old: str, new: str) -> str:
    """*new* in the quotes of the scalar that it stands for."""
    return f"{old[0]}{new}{old[-1]}" if old[:1] in ('"', "'") else new


def _is_json(text: str, path: str) -> bool:
    """As `read_document` decides: what begins like JSON and is JSON."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    if not path.lower().endswith((".yaml", ".yml")):
        return True
    try:
        read_document(text, path="")
    except InvalidFileError:
        return False
    return True


def _inside(where: str, key: str) -> str:
    return step(where, key) if where else key


def _verify(
    text: str,
    before: Document,
    where: str,
    changes: dict[str, str],
    wanted: Monitor,
    path: str,
) -> None:
    """Look that exactly the wanted values have changed, and that Datadog would take them."""
    expected = copy.deepcopy(before.value)
    item = next(
        each.value for each in objects_of(_of(expected)) if each.value == _at(before, where)
    )
    for key, new in changes.items():
        _set(item, key, new)
    try:
        found = read_document(text, path=path).value
        loaded = load_monitors(text, path=path)
    except InvalidFileError as error:
        raise InvalidFileError(
            f"can't be changed to these values: {error.message}", path=path, hint=error.hint
        ) from None
    place = [each.where for each in objects_of(before)].index(where)
    if found != expected or setting_of(loaded[place]) != setting_of(wanted):
        raise InvalidFileError(
            "can't be changed safely: more than the wanted values would be different",
            path=path,
            hint="Change it by hand to the recommended values.",
        )


def _of(value: object) -> Document:
    from grantex_tui.datadog.document import Document

    return Document(value, {})


def _at(document: Document, where: str) -> object:
    return next(each.value for each in objects_of(document) if each.where == where)


def _has(item: object, key: str) -> bool:
    """Whether an API object says anything there."""
    for name in key.split("."):
        if not isinstance(item, dict) or item.get(name) is None:
            return False
        item = item[name]
    return True


def _set(item: object, key: str, new: str) -> None:
    """Put a value where the API object has it: numbers as numbers."""
    *outer, last = key.split(".")
    for name in outer:
        assert isinstance(item, dict)
        item = item[name]
    assert isinstance(item, dict)
    item[last] = new if isinstance(item[last], str) else float(new)
