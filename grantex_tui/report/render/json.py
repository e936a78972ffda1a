"""A report as JSON, for programs; ``docs/rehearsal-json.md`` has the keys.

Foreign text is in it as it came; all but ASCII is escaped, so that it does nothing to a terminal.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.report.blocks import VERSION
from grantex_tui.report.render import Form


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.report.blocks import Report

_READABLE = 1_000_000
"""Bytes up to which a person may want to read it, so that it is indented."""
_ESCAPED = re.compile(
    r"(?P<whole>\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}"
)
"""An escaped backslash, a pair of surrogates, or half of one."""


def write(report: Report, width: int) -> str:  # noqa: ARG001 - nor have data
    """The data of a report, with its version and kind."""
    return encoded({"version": VERSION, "kind": report.kind, **report.data}).decode()


def encoded(data: Mapping[str, object]) -> bytes:
    """Data as JSON that any reader takes and no terminal or CI runner obeys."""
    text = _ESCAPED.sub(_whole, json.dumps(data, allow_nan=False, separators=(",", ":")))
    # A CI runner that reads the output would take ``##[`` for a command.
    found = text.replace("##[", "\\u0023#[").encode()
    return (msgspec.json.format(found, indent=2) if len(found) < _READABLE else found) + b"\n"


def _whole(match: re.Match[str]) -> str:
    """Half a surrogate pair is no character; strict readers refuse the whole file for one."""
    return match[0] if match["whole"] else "\\ufffd"


FORM = Form("json", "for programs", write)
