"""The filters: what becomes of the text that a matcher took.

Datadog: logs/log_configuration/parsing, "Matcher and filter". A filter that can't be applied
leaves its field out; the other fields of the rule stay.
"""

from __future__ import annotations

import csv
import difflib
import json
import math
from collections.abc import Callable, Iterable
from typing import NoReturn

from grantex_tui.datadog.pipeline import user_agents
from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.grok.keyvalue import KeyValue, infer
from grantex_tui.datadog.pipeline.grok.rubyhash import parse_ruby_hash
from grantex_tui.datadog.pipeline.grok.syntax import Call
from grantex_tui.datadog.pipeline.grok.xml import parse_xml
from grantex_tui.datadog.pipeline.urls import parse_query, parse_url, percent_decode
from grantex_tui.datadog.pipeline.values import fits


Apply = Callable[[object, int], object]
"""A filter: the value so far and the log's arrival (ms); ValueError = can't be applied."""


def to_integer(value: object, _now: int) -> float | int:
    """``integer``, and ``integerExt`` with an exponent."""
    if isinstance(value, str) and not value.lstrip("+-").isdigit():
        return int(_finite(float(value)))
    number = int(value) if isinstance(value, (str, int, float)) else _refuse(value)
    return number if fits(number) else _finite(float(number))


def to_number(value: object, _now: int) -> float | int:
    """``number``: a double; a whole one is kept as an integer, as JSON shows it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        _refuse(value)
    return _tidy(float(value))


def make_filter(call: Call) -> Apply:
    """The filter that a rule names.

    Raises:
        GrokError: No such filter, or arguments that it doesn't take.
    """
    make = _FACTORIES.get(call.name)
    if make is not None:
        return make(call)
    raise GrokError(f"unknown filter {call.name!r}{nearest(call.name, _FACTORIES)}")


def why_not_evaluated(name: str) -> str | None:
    """None for a filter that is evaluated here; else what would change it, if anything would."""
    if name == "useragent" and not user_agents.is_installed():
        return user_agents.EXTRA
    return None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f", did you mean {close[0]!r}?" if close else ""


def _refuse(value: object) -> NoReturn:
    raise ValueError(value)


def _finite(number: float) -> float:
    return number if math.isfinite(number) else _refuse(number)


def _tidy(number: float) -> float | int:
    whole = _finite(number) == int(number) and abs(number) < 2**53
    return int(number) if whole else number


def _text(value: object) -> str:
    return value if isinstance(value, str) else _refuse(value)


def _boolean(value: object, _now: int) -> bool:
    return _text(value).lower() == "true"


def _json(value: object, _now: int) -> object:
    try:
        decoded: object = json.loads(_text(value), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError(value) from error
    return decoded


def _null_if(call: Call) -> Apply:
    unwanted = call.text(0, "")
    return lambda value, _now: None if value == unwanted else value


def _scale(call: Call) -> Apply:
    factor = call.args[0] if len(call.args) == 1 else None
    if not isinstance(factor, (int, float)):
        raise GrokError("scale takes one number: scale(1000)")
    return lambda value, now: _tidy(to_number(value, now) * factor)


def _csv(call: Call) -> Apply:
    names = [name.strip() for name in call.text(0, "").split(",")]
    separator = {"tab": "\t", r"\t": "\t"}.get(call.text(1, ","), call.text(1, ","))
    quote = call.text(2, '"')
    if len(separator) != 1 or len(quote) != 1 or not all(names):
        raise GrokError('csv takes header names, then one character each: csv("a,b", ",", "\'")')

    def apply(value: object, _now: int) -> object:
        try:
            row = next(csv.reader([_text(value)], delimiter=separator, quotechar=quote), [])
        except csv.Error as error:
            raise ValueError(value) from error
        cells = zip(names, row, strict=False)  # "will match the first ones"
        return {name: infer(cell, numbers_only=True) for name, cell in cells if cell}

    return apply


def _array(call: Call) -> Apply:
    texts = [arg for arg in call.args if isinstance(arg, str)]
    inner = call.args[-1] if call.args and isinstance(call.args[-1], Call) else None
    if len(texts) > 2 or len(call.args) != len(texts) + (inner is not None):
        raise GrokError('array takes brackets, separator, filter: array("[]", ",", integer)')
    brackets = texts[0] if len(texts) == 2 else "[]"
    optional = len(texts) == 1
    """With a separator alone, text without brackets is taken as it is, as recorded."""
    separator = (texts[-1] if texts else ",").replace(r"\t", "\t").replace(r"\n", "\n")
    if len(brackets) > 2 or not separator:
        raise GrokError("array: brackets are at most two characters, the separator at least one")
    each = make_filter(inner) if inner else None

    def apply(value: object, now: int) -> object:
        parts: list[object] = list(
            _unwrap(_text(value), brackets, optional=optional).split(separator)
        )
        return [each(part, now) for part in parts] if each else parts

    return apply


def _unwrap(text: str, brackets: str, *, optional: bool) -> str:
    if not brackets:
        return text
    if len(text) < 2 or text[0] != brackets[0] or text[-1] != brackets[-1]:
        return text if optional else _refuse(text)
    return text[1:-1]


def _user_agent(call: Call) -> Apply:
    decode = any(arg == Call("decodeuricomponent:true") for arg in call.args)

    def apply(value: object, _now: int) -> object:
        text = percent_decode(_text(value)) if decode else _text(value)
        return user_agents.parse_user_agent(text) if user_agents.is_installed() else _refuse(value)

    return apply


def _always(apply: Apply) -> Callable[[Call], Apply]:
    return lambda _call: apply


_FACTORIES: dict[str, Callable[[Call], Apply]] = {
    "array": _array,
    "boolean": _always(_boolean),
    "csv": _csv,
    "decodeuricomponent": _always(lambda value, _now: percent_decode(_text(value))),
    "integer": _always(to_integer),
    "integerExt": _always(to_integer),
    "json": _always(_json),
    "keyvalue": lambda call: KeyValue(call).apply,
    "lowercase": _always(lambda value, _now: _text(value).lower()),
    "nullIf": _null_if,
    "number": _always(to_number),
    "numberExt": _always(to_number),
    "querystring": _always(lambda value, _now: parse_query(_text(value).removeprefix("?"))),
    "rubyhash": _always(lambda value, _now: parse_ruby_hash(_text(value))),
    "scale": _scale,
    "uppercase": _always(lambda value, _now: _text(value).upper()),
    "useragent": _user_agent,
    "url": _always(lambda value, _now: parse_url(_text(value)) or _refuse(value)),
    "xml": _always(lambda value, _now: parse_xml(_text(value))),
}
