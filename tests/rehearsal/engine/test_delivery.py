from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.rehearsal.engine.delivery import Batches, arrival
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH, DeliveryModel
from tests.support.delivery import deliveries


def sent(instants, model):
    return [
        (at, len(batch)) for at, batch in deliveries(zip(instants, instants, strict=True), model)
    ]


def test_instantly_is_each_event_at_once():
    assert sent([1, 2, 2, 5], INSTANT) == [(1, 1), (2, 1), (2, 1), (5, 1)]


def test_the_guides_batch_waits_until_it_is_full_and_never_leaves_otherwise():
    assert sent(range(250), GUIDE) == [(99, 100), (199, 100)]


def test_our_timer_starts_with_the_first_event_of_a_batch():
    assert sent([0, 3, 4.9, 5, 9, 30], WATCH) == [(5, 3), (10, 2), (35, 1)]


def test_a_full_batch_leaves_at_once():
    assert sent([*[1] * 150, 2], WATCH) == [(1, 100), (6, 51)]


def test_the_way_takes_its_time_and_an_outage_holds_back():
    model = DeliveryModel("mine", 1, 0, latency=2, outages=((10, 20), (20, 30), (50, 51)))
    assert [arrival(at, model) for at in (0, 7.9, 8, 17, 18, 27, 28, 48, 49)] == [
        2, 9.9, 30, 30, 30, 30, 30, 51, 51,
    ]  # fmt: skip


def test_outages_may_overlap_and_stand_in_any_order():
    model = DeliveryModel("mine", 1, 0, outages=((15, 40), (10, 20)))
    assert arrival(12, model) == 40


MODELS = st.builds(
    DeliveryModel,
    st.just("any"),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.5, 3.0]),
    st.sampled_from([0.0, 1.5]),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda o: (o[0], o[0] + o[1])),
        max_size=3,
    ).map(tuple),
)


@given(st.lists(st.lists(st.integers(0, 80).map(lambda n: n / 2), max_size=8)), MODELS)
def test_arrivals_without_the_events_are_those_of_the_batches(parts, model):
    flat = sorted(at for part in parts for at in part)
    ordered = iter(flat)
    expected = [at for at, batch in deliveries(zip(flat, flat, strict=True), model) for _ in batch]
    batches = Batches(model)
    found: list[float] = []
    for part in parts:
        found += batches.add([next(ordered) for _ in part])
    found += batches.rest()
    assert found == expected
    assert found == sorted(found)


@pytest.mark.parametrize("model", [GUIDE, WATCH, INSTANT])
def test_no_events_are_no_batches(model):
    batches = Batches(model)
    assert (sent([], model), batches.add([]), batches.rest()) == ([], [], [])
