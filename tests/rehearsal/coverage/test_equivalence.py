from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.coverage.equivalence import is_whole_valued, telling_value
from tests.support.plans import load_plan


ANOMALY = next(each for each in load_plan().monitors if each.query.band is not None)


def monitor(method: str = '"count"'):
    value = {
        "name": "tried",
        "type": "log alert",
        "query": f'logs("*").index("*").rollup({method}).last("5m") > 9',
        "message": "",
        "options": {"thresholds": {"critical": 9}},
    }
    return load_monitors(json.dumps(value), path="m.json")[0]


COUNT, MEAN = monitor(), monitor('"avg", "@data.n"')


def changed(own, comparator: str, *limits):
    thresholds = Thresholds(*limits)
    query = replace(own.query, comparator=Comparator(comparator), threshold=limits[0])
    return replace(own, query=query, options=replace(own.options, thresholds=thresholds))


@pytest.mark.parametrize(
    ("own", "one", "other", "told"),
    [
        (COUNT, (">", 2.5), (">", 2.2), None),
        (COUNT, (">", 2.5), (">=", 2.5), None),
        (COUNT, (">", 2.0), (">=", 3.0), None),
        (COUNT, (">=", 0.0), (">=", -1.0), None),
        (COUNT, (">", 2.0), (">=", 2.0), 2),
        (COUNT, (">", 2.0), (">", 3.0), 3),
        (COUNT, ("<", 1.0), ("<=", 1.0), 1),
        (MEAN, (">", 2.5), (">=", 2.5), 2.5),
        (MEAN, (">", 2.0), (">", 3.0), 2.5),
        (ANOMALY, (">=", 1.0), (">=", 0.95), None),  # of 15 points 14 are 0.933
        (ANOMALY, (">=", 1.0), (">=", 0.9), 14 / 15),
        (ANOMALY, (">=", 1.0, None, 0.0), (">=", 1.0, None, 0.05), None),
        (ANOMALY, (">=", 1.0, None, 0.0), (">=", 1.0, None, 0.1), 1 / 15),
    ],
)
def test_a_value_tells_them_apart_or_none_can(own, one, other, told):
    found = telling_value(changed(own, *one), changed(own, *other))
    assert (told is None) == (found is None)
    if told is not None:
        assert found in {told, 3.0} if own is MEAN else found == pytest.approx(told)


NUMBERS = st.integers(-2, 8).map(lambda n: n / 2)
LIMITS = st.tuples(st.sampled_from((">", ">=", "<", "<=", "==", "!=")), NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)  # fmt: skip


@given(LIMITS, LIMITS)
def test_for_counts_it_is_so_for_every_whole_number(one, other):
    first, second = changed(COUNT, *one), changed(COUNT, *other)
    assert is_whole_valued(first)
    differing = [
        value
        for value in range(12)
        for state in State
        if rule_of(first).decide(state, value) is not rule_of(second).decide(state, value)
    ]
    found = telling_value(first, second)
    assert (found is None) == (not differing)
    assert found is None or found in differing


@given(LIMITS, LIMITS)
def test_for_any_number_it_is_so_on_a_finer_grid(one, other):
    first, second = changed(MEAN, *one), changed(MEAN, *other)
    assert not is_whole_valued(first)
    differing = any(
        rule_of(first).decide(state, n / 8) is not rule_of(second).decide(state, n / 8)
        for n in range(-40, 80)
        for state in State
    )
    assert (telling_value(first, second) is not None) == differing
