from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.events.live.reconnect import (
    Absent,
    Circumstances,
    Cut,
    GiveUp,
    History,
    Retry,
    decide,
)
from grantex_tui.events.live.refusal import Refusal


LOCK_OUT = Refusal(429, "TOO_MANY_CONNECTIONS", "Max 5")
BAD_KEY = Refusal(401, "UNAUTHORIZED", "Invalid API key")
jitters = st.floats(0, 1, exclude_max=True)
endings = st.sampled_from(
    [
        Cut("reset"),
        Cut("the server ended the stream", in_order=True),
        LOCK_OUT,
        BAD_KEY,
        Absent(Refusal(404)),
        *(Refusal(status) for status in (200, 204, 302, 400, 401, 403, 404, 429, 500, 503)),
    ]
)


def after(ending, *, history=None, jitter=0.5, now=0.0, **around):
    circumstances = Circumstances(now=now, **around)
    return decide(ending, history or History(), circumstances, jitter=lambda: jitter)[0]


def played(ending, *, times, jitter=0.5, **around):
    """The waits after the same ending again and again, in a time that they take."""
    history, now, delays = History(), 0.0, []
    for _ in range(times):
        circumstances = Circumstances(now=now, was_live=True, **around)
        decision, history = decide(ending, history, circumstances, jitter=lambda: jitter)
        assert isinstance(decision, Retry)
        delays.append(decision.delay)
        now += decision.delay
    return delays


@given(jitters, st.floats(0, 1e6))
def test_after_a_stream_that_was_served_the_next_attempt_is_at_once(jitter, lived):
    decision = after(Cut("reset"), jitter=jitter, served=True, lived=lived)
    assert isinstance(decision, Retry)
    assert 0.3 <= decision.delay <= 1.0


@given(jitters)
def test_a_stream_that_lived_costs_at_most_three_percent_when_cut_each_fifteen_seconds(jitter):
    decision = after(Cut("reset"), jitter=jitter, served=True, lived=14.5)
    assert isinstance(decision, Retry)
    assert decision.delay / 15 < 0.03


def test_a_served_stream_ends_a_row_of_failures():
    history = History(failures=7, failing_since=0.0, lock_outs=2, key_refused_since=1.0)
    _, next_history = decide(
        Cut("x"), history, Circumstances(now=9.0, served=True), jitter=lambda: 0.5
    )
    assert next_history == History()


@given(st.floats(allow_nan=False, min_value=0), jitters)
def test_a_wait_that_the_server_names_is_kept_within_bounds(retry, jitter):
    decision = after(Cut("x"), jitter=jitter, served=True, retry=retry)
    assert isinstance(decision, Retry)
    assert 0.3 <= decision.delay <= 60


@given(jitters)
def test_a_connection_that_is_not_taken_is_tried_at_most_five_seconds_apart(jitter):
    delays = played(Cut("refused"), times=200, jitter=jitter)
    assert all(0.3 <= delay <= 5 for delay in delays)
    assert max(delays[:30]) <= 1.0, "the service may be back any moment"


@given(endings, jitters, st.booleans())
def test_after_a_live_stream_anything_is_tried_again_within_a_minute(ending, jitter, other):
    if ending in (LOCK_OUT, BAD_KEY):
        return
    delays = played(ending, times=100, jitter=jitter, other_is_live=other, was_here=True)
    assert all(0.3 <= delay <= 60 for delay in delays)


@given(jitters)
def test_a_lock_out_without_another_path_is_probed_once_and_then_waited_out(jitter):
    delays = played(LOCK_OUT, times=4, jitter=jitter)
    assert 5 <= delays[0] <= 6
    assert all(delay > 300 for delay in delays[1:])


def test_a_lock_out_beside_a_live_path_is_waited_out_at_once():
    decision = after(LOCK_OUT, other_is_live=True)
    assert isinstance(decision, Retry)
    assert (decision.delay > 300, decision.state) == (True, ConnectionState.LOCKED_OUT)


def test_a_plan_limit_waits_as_long_as_it_says():
    decision = after(Refusal(429, "RATE_LIMIT_EXCEEDED", retry_after=24.0))
    assert isinstance(decision, Retry)
    assert 24 <= decision.delay <= 25


def test_a_limit_without_retry_after_backs_off_for_a_second_at_least():
    decision = after(Refusal(429), jitter=0.0)
    assert isinstance(decision, Retry)
    assert decision.delay >= 1


def test_a_server_in_trouble_may_say_for_how_long():
    decision = after(Refusal(503, retry_after=40.0), jitter=0.0)
    assert isinstance(decision, Retry)
    assert decision.delay == 40


@pytest.mark.parametrize("status", [401, 403, 404, 204, 200, 301, 400, 410])
def test_what_asking_again_will_not_change_ends_a_stream_that_never_was(status):
    decision = after(Refusal(status, content_type="text/html"))
    assert isinstance(decision, GiveUp)
    assert decision.hint
    assert decision.meanwhile.delay <= 60, "another path may go on"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_tried_again(status):
    assert isinstance(after(Refusal(status)), Retry)


@given(jitters)
def test_a_key_that_was_good_is_given_up_after_a_minute_of_refusals_and_not_before(jitter):
    history, now = History(), 100.0
    while True:
        around = Circumstances(now=now, was_live=True)
        decision, history = decide(BAD_KEY, history, around, jitter=lambda: jitter)
        if isinstance(decision, GiveUp):
            break
        now += decision.delay
    assert 60 <= now - 100.0 <= 62


def test_a_gateway_that_refuses_in_its_own_words_says_nothing_of_the_key():
    decisions = played(Refusal(403, message="<html>"), times=60)
    assert sum(decisions) > 600


def test_a_refusal_of_something_else_in_between_begins_the_minute_anew():
    around = Circumstances(now=0.0, was_live=True)
    _, history = decide(BAD_KEY, History(), around, jitter=lambda: 0.5)
    _, history = decide(Refusal(503), history, around, jitter=lambda: 0.5)
    assert history.key_refused_since is None


def test_a_path_that_the_server_does_not_have_is_looked_for_now_and_then():
    decision = after(Absent(Refusal(404)))
    assert isinstance(decision, GiveUp)
    assert decision.meanwhile.state is ConnectionState.ABSENT
    assert decision.meanwhile.delay >= 300


def test_a_path_that_was_there_is_not_believed_to_have_gone():
    decision = after(Absent(Refusal(404)), was_live=True, was_here=True)
    assert isinstance(decision, Retry)
    assert decision.delay <= 1
