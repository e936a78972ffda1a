from __future__ import annotations

import pytest

from grantex_tui.datadog.monitor.model import Monitor
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.monitoring.definitions import approximations


def monitor(index: str) -> Monitor:
    query = f'logs("source:grantex").index("{index}").rollup("count").last("5m") > 5'
    return read_monitor({"name": "Grants", "type": "log alert", "query": query, "message": "m"})


@pytest.mark.parametrize(("index", "told"), [("*", False), ("main", True), ("main,audit", True)])
def test_that_every_log_counts_is_told_of_a_monitor_on_one_index(index, told):
    notes = [each for each in approximations([monitor(index)], []) if "every log counts" in each]
    assert len(notes) is int(told)
    assert all("Grants" in each for each in notes)
