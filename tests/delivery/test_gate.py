from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.delivery.gate import Gate
from grantex_tui.delivery.status import DeliveryState


def gate(jitter: float = 1.0, **options: int) -> Gate:
    return Gate(lambda: jitter, **options)


def answer(gate: Gate, times: int, *, duration: float = 0.05, start: float = 0.0) -> None:
    for number in range(times):
        gate.answered(gate.epoch, start + number, duration)


def test_the_window_opens_quickly_at_the_start_and_not_beyond_its_limit() -> None:
    opened = gate()
    assert opened.window == 4
    answer(opened, 4)
    assert opened.window == 8
    answer(opened, 100)
    assert opened.window == 16


def test_it_admits_as_many_as_the_window_holds() -> None:
    opened = gate(max_in_flight=2)
    assert opened.admits(0, 0.0)
    assert opened.admits(1, 0.0)
    assert not opened.admits(2, 0.0)


def test_a_failure_halves_the_window_and_then_it_opens_slowly() -> None:
    opened = gate()
    answer(opened, 100)
    opened.failed(opened.epoch, 0.0, "500", None)
    assert opened.window == 1  # one at a time until it answers again
    opened.answered(opened.epoch, 1.0, 0.05)
    assert opened.window == 8
    answer(opened, 8, start=2.0)
    assert opened.window == 9


def test_requests_that_fail_together_are_one_failure() -> None:
    opened = gate()
    answer(opened, 100)
    epoch = opened.epoch
    for _ in range(16):
        opened.failed(epoch, 0.0, "500", None)
    assert opened.closed_until == 1.0
    opened.answered(opened.epoch, 1.0, 0.05)
    assert opened.window == 8


def test_waits_double_up_to_a_minute_and_begin_again_after_an_answer() -> None:
    opened = gate()
    waits = []
    for _ in range(9):
        opened.failed(opened.epoch, 100.0, "down", None)
        assert opened.closed_until is not None
        waits.append(opened.closed_until - 100.0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    opened.answered(opened.epoch, 200.0, 0.05)
    assert (opened.state, opened.detail, opened.closed_until) == (DeliveryState.OK, "", None)
    opened.failed(opened.epoch, 300.0, "down", None)
    assert opened.closed_until == 301.0


@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(1, 20))
def test_jitter_is_full(jitter: float, failures: int) -> None:
    opened = gate(jitter)
    for _ in range(failures):
        opened.failed(opened.epoch, 0.0, "down", None)
    assert opened.closed_until == jitter * min(60.0, 2.0 ** (failures - 1))


def test_what_the_server_asks_for_is_the_least() -> None:
    opened = gate()
    opened.failed(opened.epoch, 0.0, "429", 7.0)
    assert not opened.admits(0, 6.9)
    assert opened.admits(0, 7.0)
    assert not opened.admits(1, 7.0)


def test_a_late_failure_cannot_shorten_what_the_server_asked_for_but_may_lengthen_it() -> None:
    opened = gate()
    epoch = opened.epoch
    opened.failed(epoch, 0.0, "429", 7.0)
    opened.failed(epoch, 1.0, "429", 3.0)
    assert opened.closed_until == 7.0
    opened.failed(epoch, 1.0, "429", 9.0)
    assert opened.closed_until == 10.0


def test_a_late_answer_does_not_end_a_wait() -> None:
    opened = gate()
    epoch = opened.epoch
    opened.failed(epoch, 0.0, "429", 7.0)
    opened.answered(epoch, 1.0, 0.05)
    assert (opened.state, opened.closed_until) == (DeliveryState.RETRYING, 7.0)


def test_a_refusal_holds_and_asks_again_slowly() -> None:
    opened = gate()
    opened.refused(opened.epoch, 0.0, "the API key is refused")
    waits: list[float] = []
    for _ in range(6):
        assert (opened.state, opened.closed_until) == (DeliveryState.HELD, (waits or [5.0])[-1])
        opened.refused(opened.epoch, 0.0, "the API key is refused")
        assert opened.closed_until is not None
        waits.append(opened.closed_until)
    assert waits == [10, 20, 40, 60, 60, 60]
    opened.answered(opened.epoch, 90.0, 0.05)
    assert opened.state is DeliveryState.OK
    opened.refused(opened.epoch, 100.0, "the API key is refused")
    assert opened.closed_until == 105.0


def test_a_change_is_tried_at_once_and_old_answers_count_no_more() -> None:
    opened = gate()
    epoch = opened.epoch
    opened.refused(epoch, 0.0, "the API key is refused")
    between = opened.epoch
    opened.reopen()
    assert opened.admits(0, 0.0)
    opened.refused(between, 1.0, "the API key is refused")
    assert opened.closed_until is None


def test_an_intake_that_slows_down_gets_fewer_requests() -> None:
    opened = gate()
    answer(opened, 100, duration=0.05)
    now, duration = 1000.0, 0.5
    for _ in range(5):
        duration *= 3
        now += duration + 1
        opened.answered(opened.epoch, now, duration)
    assert opened.window < 10
    assert opened.state is DeliveryState.OK


@pytest.mark.parametrize(
    ("usual", "longest"), [(0.05, 0.15), (1.0, 2.5)], ids=["a tenth of a second", "2.5 times"]
)
def test_slow_is_far_longer_than_usual_by_time_and_by_factor(usual: float, longest: float) -> None:
    for duration, window in ((longest * 0.99, 16), (longest * 1.01, 14)):
        opened = gate()
        answer(opened, 200, duration=usual)
        opened.answered(opened.epoch, 1000.0, duration)
        assert opened.window == window


def test_after_a_refusal_one_asks_for_all_and_failures_count_from_there() -> None:
    opened = gate()
    answer(opened, 100)
    opened.refused(opened.epoch, 0.0, "the API key is refused")
    assert opened.window == 1
    opened.failed(opened.epoch, 30.0, "500", None)
    assert opened.closed_until == 32.0
    opened.answered(opened.epoch, 32.0, 0.05)
    assert opened.window == 4


def test_requests_that_were_slow_together_count_once() -> None:
    opened = gate()
    answer(opened, 100, duration=0.05)
    for _ in range(8):
        opened.answered(opened.epoch, 1000.0, 1.0)
    assert opened.window >= 14


def test_an_intake_that_is_slow_all_the_time_gets_all_the_requests_it_may() -> None:
    opened = gate()
    answer(opened, 200, duration=2.0)
    assert opened.window == 16


@given(
    st.lists(
        st.tuples(st.sampled_from(["answered", "failed", "refused"]), st.floats(0.001, 100.0)),
        max_size=60,
    )
)
def test_the_window_stays_within_its_limits_whatever_happens(happenings) -> None:
    opened = gate(0.5)
    now = 0.0
    for what, duration in happenings:
        now += duration
        if what == "answered":
            opened.answered(opened.epoch, now, duration)
        elif what == "failed":
            opened.failed(opened.epoch, now, "down", None)
        else:
            opened.refused(opened.epoch, now, "refused")
        assert 1 <= opened.window <= 16


def test_a_request_from_before_a_failure_takes_no_room_from_those_that_ask_again() -> None:
    opened = gate(max_in_flight=3)
    opened.failed(opened.epoch, 0.0, "503", None)
    assert not opened.admits(1, 0.5, stragglers=1), "closed"
    assert opened.admits(1, 1.0, stragglers=1)
    assert not opened.admits(2, 1.0, stragglers=1), "one at a time until it answers again"
    assert not opened.admits(3, 1.0, stragglers=3), "never more than it may have"
