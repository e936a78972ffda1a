"""Reports in their forms, as a test reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grantex_tui.report.render import forms


if TYPE_CHECKING:
    from grantex_tui.report.blocks import Report


def written(report: Report, form: str = "text", width: int = 80) -> str:
    """The report in a form."""
    return forms()[form].write(report, width)


def data(report: Report) -> dict[str, Any]:
    """What its JSON says."""
    found: dict[str, Any] = json.loads(written(report, "json"))
    return found
