from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.datadog.monitor.thresholds import check_thresholds
from grantex_tui.rehearsal.sweep.variants import (
    next_window,
    setting_of,
    thresholds_at,
    with_setting,
)
from tests.support.plans import load_plan


PACK = load_plan().monitors
COUNT = 'logs("source:grantex").index("*").rollup("count").last("5m")'


def monitor(comparator: str, critical: float):
    value = {"name": "m", "type": "log alert", "query": f"{COUNT} {comparator} {critical}", "message": "",
             "options": {"thresholds": {"critical": critical}}}  # fmt: skip
    return load_monitors(json.dumps(value), path="m.json")[0]


@given(
    st.sampled_from([each for each in Comparator if each.has_side]),
    st.integers(1, 100),
    st.tuples(*[st.none() | st.integers(0, 100)] * 3),
    st.floats(0.1, 1000) | st.integers(0, 1000),
)
def test_thresholds_that_datadog_takes_stay_thresholds_that_it_takes(
    comparator, critical, others, wanted
):
    one = monitor(comparator, critical)
    own = Thresholds(float(critical), *(None if n is None else float(n) for n in others))
    given_ = [p for p in check_thresholds(asdict(own), one.query) if p.severity == "error"]
    moved = thresholds_at(own, comparator, float(wanted))
    assert moved.critical == wanted
    if not given_:
        other = replace(one.query, threshold=float(wanted))
        problems = check_thresholds(asdict(moved), other)
        assert [p.message for p in problems if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("own", "critical", "moved"),
    [
        (Thresholds(50, 10), 100, Thresholds(100, 20)),
        (Thresholds(50, 10), 20, Thresholds(20, 4)),
        (Thresholds(50, 10), 50, Thresholds(50, 10)),
        (Thresholds(50, 10, 25, 5), 20, Thresholds(20, 4, 10, 2)),
        (Thresholds(3, 2), 2, Thresholds(2, 1)),
        (Thresholds(5, 4), 2, Thresholds(2, None)),  # 1.6 is 2, which is not before 2
        (Thresholds(0), 5, Thresholds(5)),
        (Thresholds(0.5, 0.2), 1, Thresholds(1, 0.4)),
    ],
)
def test_the_other_thresholds_keep_their_proportion(own, critical, moved):
    assert thresholds_at(own, Comparator(">"), critical) == moved


@pytest.mark.parametrize("one", PACK, ids=lambda each: each.name)
def test_a_monitor_with_its_own_setting_is_itself(one):
    assert with_setting(one, setting_of(one)).query == one.query
    assert setting_of(with_setting(one, setting_of(one))) == setting_of(one)


@pytest.mark.parametrize("one", PACK, ids=lambda each: each.name)
@pytest.mark.parametrize("window", [60, 600, 3600])
def test_every_setting_can_be_put_and_read_back(one, window):
    own = setting_of(one)
    wanted = replace(own, window=window, thresholds=replace(own.thresholds, critical=0.5))
    assert setting_of(with_setting(one, wanted)) == wanted


def test_windows_go_up_and_down_datadogs_sizes():
    assert [next_window(each, larger=True) for each in (60, 300, 420, 172_800)] == [
        300, 600, 600, None,
    ]  # fmt: skip
    assert [next_window(each, larger=False) for each in (60, 300, 420)] == [None, 60, 300]
