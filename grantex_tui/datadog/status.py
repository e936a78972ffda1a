"""A log's status from whatever a log calls its level.

Datadog: logs/log_configuration/processors/log_status_remapper, in its current wording (the API's
description knows no ``s``, ``t`` and ``v``, an older page had ``e`` for ``err``).
"""

from __future__ import annotations


SYSLOG = ("emergency", "alert", "critical", "error", "warn", "notice", "info", "debug")
"""The statuses in the order of the syslog levels 0 to 7; Datadog's replies write ``warn``."""

_BEGINNINGS = (
    (("emerg", "f"), "emergency"),
    (("a",), "alert"),
    (("c",), "critical"),
    (("err",), "error"),
    (("w",), "warn"),
    (("n",), "notice"),
    (("i",), "info"),
    (("d", "t", "v"), "debug"),
    (("o", "s"), "ok"),
)
_USUAL = {status: status for status in (*SYSLOG, "ok")}


def normalise_status(value: object) -> str:
    """The status that a level's number (0 to 7) or the beginning of its name stands for."""
    if isinstance(value, str):
        return _USUAL.get(value) or _from_name(value.strip().lower())
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 7:
        return SYSLOG[value]
    return "info"


def _from_name(name: str) -> str:
    if len(name) == 1 and name in "01234567":
        return SYSLOG[int(name)]
    for beginnings, status in _BEGINNINGS:
        if name.startswith(beginnings):
            return status
    return "info"
