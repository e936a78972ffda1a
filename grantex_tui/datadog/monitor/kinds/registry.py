"""The kinds of monitor queries that are evaluated here. A new kind is a module, and a line here."""

from __future__ import annotations

from grantex_tui.datadog.monitor.kinds import anomaly, formula, log


KINDS = (log.KIND, formula.KIND, anomaly.KIND)
