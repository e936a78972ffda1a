"""The matchers: what text each one takes, and the filter that it implies.

Datadog: logs/log_configuration/parsing, "Matcher and filter". Where the page gives no regular
expression the one of Vector's Datadog grok is followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.grok.dates import DatePattern
from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.grok.filters import Apply, nearest, to_integer, to_number


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.grok.syntax import Call


_INTEGER = r"[+-]?[0-9]+"
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = "[0-9A-Fa-f]{1,4}"
_IPV6 = "(?:" + "|".join(
    [rf"(?:{_H16}:){{7}}{_H16}", rf"(?:{_H16}:){{6}}{_IPV4}"]
    + [
        rf"(?:{_H16}:){{{left}}}(?::{_H16}){{1,{7 - left}}}" if left
        else rf":(?::{_H16}){{1,7}}"
        for left in range(6, -1, -1)
    ]
    + [rf"(?:{_H16}:){{1,6}}:{_IPV4}", rf"(?:{_H16}:){{1,7}}:", rf"::(?:[fF]{{4}}:)?{_IPV4}", "::"]
) + r")(?:%[0-9A-Za-z]+)?"  # fmt: skip
_LABEL = "[0-9A-Za-z][0-9A-Za-z_-]{0,62}"
_HOSTNAME = rf"\b{_LABEL}(?:\.{_LABEL})*(?:\.|\b)"
_DOUBLE, _SINGLE = '"[^"]*"', "'[^']*'"
_PAIR = "[0-9A-Fa-f]{2}"

_PLAIN: dict[str, str] = {
    "word": r"\b\w+\b",
    "notSpace": r"\S+",
    "data": "(?s:.*?)",  # "any string including spaces and newlines"; lazy, as recorded
    "greedyData": "(?s:.*)",
    "integerStr": _INTEGER,
    "integerExtStr": _INTEGER + _EXPONENT,
    "numberStr": _NUMBER,
    "numberExtStr": _NUMBER + _EXPONENT,
    "doubleQuotedString": _DOUBLE,
    "singleQuotedString": _SINGLE,
    "quotedString": f"(?:{_DOUBLE}|{_SINGLE})",
    "uuid": "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    "mac": rf"(?:(?:[0-9A-Fa-f]{{4}}\.){{2}}[0-9A-Fa-f]{{4}}|(?:{_PAIR}-){{5}}{_PAIR}|(?:{_PAIR}:){{5}}{_PAIR})",
    "ipv4": _IPV4,
    "ipv6": _IPV6,
    "ip": f"(?:{_IPV6}|{_IPV4})",
    "hostname": _HOSTNAME,
    "ipOrHost": f"(?:{_IPV6}|{_IPV4}|{_HOSTNAME})",
    "port": "[1-9][0-9]{0,4}",
}
_NUMERIC: dict[str, tuple[str, Apply]] = {
    "integer": (_INTEGER, to_integer),
    "integerExt": (_INTEGER + _EXPONENT, to_integer),
    "number": (_NUMBER, to_number),
    "numberExt": (_NUMBER + _EXPONENT, to_number),
}
MATCHERS: tuple[str, ...] = (*_PLAIN, *_NUMERIC, "regex", "date", "boolean")


def matcher(call: Call) -> tuple[str, Apply | None]:
    """The regular expression of a matcher, and the conversion that it implies.

    Raises:
        GrokError: No such matcher, or arguments that it doesn't take.
    """
    if call.name in _PLAIN:
        return _PLAIN[call.name], None
    if call.name in _NUMERIC:
        return _NUMERIC[call.name]
    if call.name == "regex":
        if len(call.args) != 1:
            raise GrokError('regex takes one text: regex("pattern")')
        return f"(?:{call.text(0, '')})", None
    if call.name == "date":
        pattern = DatePattern(call.text(0, ""), call.text(1, ""))
        return pattern.regex, lambda value, now: pattern.parse(_text(value), now)
    if call.name == "boolean":
        return _boolean(call.text(0, "true"), call.text(1, "false"))
    raise GrokError(f"unknown matcher or rule {call.name!r}{nearest(call.name, MATCHERS)}")


def _boolean(true: str, false: str) -> tuple[str, Apply]:
    is_true = re.compile(true, re.IGNORECASE)
    return (
        f"(?i:(?:{true})|(?:{false}))",
        lambda value, _now: is_true.fullmatch(_text(value)) is not None,
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(value)
