"""``{{log.link}}``: the Log Explorer, scoped to what a monitor counted.

Datadog: monitors/notify/variables, "explorer link".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from grantex_tui.datadog.sites import DEFAULT_SITE


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Group, Query


_PLAIN = re.compile(r"[\w.-]+")


def log_link(query: Query, group: Group, at: float, site: str = DEFAULT_SITE) -> str:
    """The URL for the evaluation at *at* (epoch seconds); empty for a metric query."""
    searches = [one.search for one in query.log_queries.values()]
    if not searches:
        return ""
    if query.formula:
        search = " OR ".join(f"({one or '*'})" for one in searches)
        search = f"({search})" if len(searches) > 1 and group else search
    else:
        search = searches[0]
    terms = [search, *(f"{key}:{_value(value)}" for key, value in group)]
    host = site if site.count(".") > 1 else f"app.{site}"
    arguments = {
        "query": " ".join(filter(None, terms)),
        "from_ts": round((at - query.window) * 1000),
        "to_ts": round(at * 1000),
        "live": "false",
    }
    return f"https://{host}/logs?{urlencode(arguments, errors='replace')}"


def _value(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
