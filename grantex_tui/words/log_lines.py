"""How a record of the log reads: one form for people, one for programs.

What is worth knowing beyond the sentence (which request, which bytes of which segment) is in the
record's ``facts``; see `told`.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from grantex_tui.clock import rfc3339
from grantex_tui.words.display import printable


FORMATS = ("text", "json")


def told(**facts: object) -> dict[str, object]:
    """The ``extra`` of a record that says *facts* as well."""
    return {"facts": facts}


class PeopleFormatter(logging.Formatter):
    """``2026-01-05 09:00:00 INFO  what is to be said``; the lines after the first are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in a line, or in a few; nothing in it can act on a terminal."""
        clock = datetime.fromtimestamp(record.created).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        level = "WARN" if record.levelno == logging.WARNING else record.levelname
        facts = "".join(f" {key}={value}" for key, value in _facts(record).items())
        first, *more = f"{record.getMessage()}{facts}".split("\n")
        return "\n".join([f"{clock} {level:<5} {printable(first)}", *map(printable, more)])


class ProgramFormatter(logging.Formatter):
    """A JSON object a line: ``time``, ``level``, ``logger``, ``message``, and the record's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
        said = {
            "time": rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        return json.dumps(said)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    facts: dict[str, object] = getattr(record, "facts", {})
    return facts


def formatter(form: str) -> logging.Formatter:
    """The one for ``text`` or ``json``."""
    return ProgramFormatter() if form == "json" else PeopleFormatter()
