"""The monitors of Grantex's own Datadog guide, and what Datadog would take instead.

The guide (docs/guides/siem-datadog.mdx) describes its monitors in prose: ``Monitor type: Log
Count``, ``Query: source:grantex type:grant.revoked``. The anomaly monitor's query,
``count:source:grantex type:token.issued``, is a log search where Datadog wants a metric query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Iterator


METRIC = "grantex.events"
_SEARCH = r"(?P<search>[^,()'\"]*?)"
_WHOLE = re.compile(
    rf"\s*(?:avg\(last_(?P<window>\w+)\)\s*:\s*)?anomalies\(\s*count:{_SEARCH}\s*"
    r"(?:,\s*'(?P<algorithm>basic|agile|robust)'\s*)?(?:,\s*(?P<deviations>[\d.]+)\s*)?"
    r"(?P<options>,[^()]*)?\)\s*(?P<comparison>(?:>=|>)\s*[\d.]+)?\s*"
)
_BARE = re.compile(rf"\s*count:{_SEARCH}\s*")
_TYPE = re.compile(r"(?<![\w.@-])(?:type|@type|@grantex\.event_type):(?P<type>[\w.*-]+)")
_DEFAULTS = (
    "direction='above', alert_window='last_15m', interval=60, count_default_zero='true', "
    "seasonality='weekly'"
)
_BLOCK = re.compile(r"^[ \t]*Monitor type:[ \t]*(?P<kind>.+)$", re.MULTILINE | re.IGNORECASE)
_HEADING = re.compile(r"^#+[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_END = re.compile(r"^(?:[ \t]*```|#+[ \t])", re.MULTILINE)
_FIELD = re.compile(r"^(?P<key>[A-Z][A-Za-z ]*):[ \t]*(?P<value>.*)$")
_LIMIT = re.compile(
    r"(?P<level>Critical|Warning):\s*(?P<operator>>=|<=|>|<)\s*(?P<number>[\d.]+)\s+in\s+"
    r"(?P<count>\d+)\s*(?P<unit>minute|hour)s?",
    re.IGNORECASE,
)


def correct_guide_query(text: str) -> str | None:
    """The metric query for one of the guide's anomaly form; None for any other text.

    ``count:source:grantex type:token.issued``, alone or inside ``anomalies()``, becomes the same
    question to the log-based metric ``grantex.events``.
    """
    match = _WHOLE.fullmatch(text) or _BARE.fullmatch(text)
    if match is None or "{" in match["search"] or ":" not in match["search"]:
        return None
    named = _TYPE.search(match["search"])
    scope = f"event_type:{named['type']}" if named else "*"
    metric = f"sum:{METRIC}{{{scope}}}.as_count()"
    if match.re is _BARE:
        return metric
    options = (match["options"] or f", {_DEFAULTS}").strip()
    return (
        f"avg(last_{match['window'] or '4h'}):anomalies({metric}, "
        f"'{match['algorithm'] or 'agile'}', {match['deviations'] or '3'}{options}) "
        f"{match['comparison'] or '>= 1'}"
    )


def explain_guide_query(text: str, where: str) -> Problem | None:
    """A query in the guide's anomaly form as a problem that carries the corrected one."""
    corrected = correct_guide_query(text)
    if corrected is None:
        return None
    return Problem(
        "error",
        "guide-anomaly-query",
        "this is the anomaly query of Grantex's guide: a log search, which anomalies() refuses",
        where,
        "Datadog: monitors/types/anomaly takes metric queries only; logs/log_configuration/"
        "logs_to_metrics makes a metric of logs",
        f"create the log-based metric {METRIC} (the pack's metric.json), set type 'query alert' "
        f"and the query {corrected}",
    )


@dataclass(frozen=True, slots=True)
class GuideMonitor:
    """One monitor as the guide writes it; *line* is where it begins, 1-based."""

    name: str
    kind: str
    query: str
    line: int
    message: str = ""
    algorithm: str = "agile"
    deviations: str = "3"
    critical: tuple[str, float] | None = None
    """Operator and number."""
    warning: float | None = None
    window: str = "5m"
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def is_anomaly(self) -> bool:
        """Whether it is the guide's anomaly monitor."""
        return "anomaly" in self.kind.lower()


def read_guide_monitors(text: str) -> list[GuideMonitor]:
    """The monitors of the guide's text or of an excerpt; empty if there are none."""
    return list(_blocks(text))


def _blocks(text: str) -> Iterator[GuideMonitor]:
    starts = list(_BLOCK.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    name, line, at = "", 1, 0
    for match, limit in zip(starts, ends, strict=False):
        names = _HEADING.findall(text, at, match.start())
        name = names[-1] if names else name
        line += text.count("\n", at, match.start())
        at = match.start()
        end = _END.search(text, match.end(), limit)
        yield _read_block(text[at : end.start() if end else limit], name, line)


def _read_block(block: str, name: str, line: int) -> GuideMonitor:
    fields = _fields(block)
    limits = {m["level"].lower(): m for m in _LIMIT.finditer(block)}
    critical = limits.get("critical")
    warning = limits.get("warning")
    span = critical or warning
    return GuideMonitor(
        name=name or "Grantex monitor",
        kind=fields.get("monitor type", ""),
        query=fields.get("query", ""),
        line=line,
        message=fields.get("message", ""),
        algorithm=fields.get("algorithm", "agile"),
        deviations=fields.get("deviation", fields.get("deviations", "3")),
        critical=(critical["operator"], float(critical["number"])) if critical else None,
        warning=float(warning["number"]) if warning else None,
        window=f"{span['count']}{span['unit'][0].lower()}" if span else "5m",
        fields=fields,
    )


def _fields(block: str) -> dict[str, str]:
    """``Key: value``, and indented lines below a key as its value."""
    fields: dict[str, str] = {}
    key = ""
    for line in block.splitlines():
        match = _FIELD.match(line)
        if match:
            key = match["key"].lower()
            fields[key] = match["value"].strip()
        elif key and line.strip():
            fields[key] = "\n".join(filter(None, (fields[key], line.strip())))
    return fields


def correct_guide_monitor(monitor: GuideMonitor) -> dict[str, object]:
    """The API object that does what the guide's text means, on the pipeline's facets."""
    from grantex_tui.datadog.monitor.scanner import number_text, quoted

    if monitor.is_anomaly:
        bare = f"anomalies({monitor.query}, '{monitor.algorithm}', {monitor.deviations})"
        return {
            "name": monitor.name,
            "type": "query alert",
            "query": correct_guide_query(bare) or bare,
            "message": monitor.message,
            "options": {
                "thresholds": {"critical": 1, "critical_recovery": 0},
                "threshold_windows": {
                    "trigger_window": "last_15m",
                    "recovery_window": "last_15m",
                },
            },
        }
    search = _TYPE.sub(r"@grantex.event_type:\g<type>", monitor.query)
    operator, critical = monitor.critical or (Comparator.ABOVE, 0.0)
    thresholds = {"critical": critical} | (
        {} if monitor.warning is None else {"warning": monitor.warning}
    )
    return {
        "name": monitor.name,
        "type": "log alert",
        "query": f'logs({quoted(search)}).index("*").rollup("count")'
        f'.last("{monitor.window}") {operator} {number_text(critical)}',
        "message": monitor.message,
        "options": {"thresholds": thresholds, "on_missing_data": "default"},
    }
