from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.account.delays import DelayReport, Delays


def test_nothing_delivered_took_no_time():
    assert Delays().report() == DelayReport(p50=0.0, p99=0.0, max=0.0)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 50)), min_size=1, max_size=30))
def test_quantiles_are_within_five_percent_of_the_sorted_list(pairs):
    delays = Delays()
    everything = []
    for seconds, count in pairs:
        delays.add(seconds, count)
        everything += [seconds] * count
    everything.sort()
    report = delays.report()
    for share, found in ((0.5, report.p50), (0.99, report.p99)):
        true = everything[math.ceil(share * len(everything)) - 1]
        assert true - 1e-6 <= found <= max(true, 0.001) * 1.05 + 1e-6
    assert abs(report.max - everything[-1]) <= 1e-6
