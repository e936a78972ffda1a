from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.events.emission import emission
from grantex_sim.faults import End, FaultScript, Match, Opening, Passing, Side, When
from grantex_sim.faults.kinds import bom, duplicate, retry, skip, split
from grantex_sim.faults.merging import merge
from grantex_sim.http.wire import Request
from grantex_tui.clock import WallClock
from tests.support.clock import VirtualClock


def request(path: str = "/api/v2/logs", **headers: str) -> Request:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request("POST", path, "1.1", named)


BOM = (bom.KIND.act(value=True),)
STREAM = request("/v1/events/stream", authorization="Bearer key-of-stream")
SOCKET = request("/v1/events/ws", authorization="bearer key-of-socket")


def script(*faults: str, **options) -> FaultScript:
    return FaultScript(faults, clock=options.pop("clock", VirtualClock()), **options)


def statuses(script_: FaultScript, count: int) -> list[int | None]:
    found = [script_.answer(request(), []) for _ in range(count)]
    return [answer.status if answer else None for answer in found]


@given(
    st.builds(
        When,
        nth=st.none() | st.integers(1, 9),
        first=st.none() | st.integers(1, 9),
        every=st.none() | st.integers(1, 4),
        after=st.none() | st.integers(0, 9),
    )
)
def test_which_are_hit_as_sets_say_it(when):
    numbers = set(range(1, 30))
    expected = numbers & (numbers if when.nth is None else {when.nth})
    expected &= numbers if when.first is None else set(range(1, when.first + 1))
    expected &= numbers if when.every is None else set(range(when.every, 30, when.every))
    expected -= set() if when.after is None else set(range(1, when.after + 1))
    assert {number for number in numbers if when.picks(number, lambda: 0.5)} == expected
    assert when.last() is None or all(number <= when.last() for number in expected)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("intake nth=2 status=500", [None, 500, None, None]),
        ("intake first=2 status=500", [500, 500, None, None]),
        ("intake after=2 status=500", [None, None, 500, 500]),
        ("intake every=2 status=500", [None, 500, None, 500]),
        ("intake status=500 times=3", [500, 500, 500, None]),
        ("intake every=2 status=500 times=1", [None, 500, None, None]),
        ("intake status=500 p=0", [None] * 4),
        ("intake status=500 p=1", [500] * 4),
        ("intake status=500 path=/v1/input", [None] * 4),
    ],
)
def test_requests_are_hit_by_number(fault, expected):
    assert statuses(script(fault), 4) == expected


def test_what_is_left_is_counted_down():
    script_ = script("intake first=3 status=500", "intake nth=2 status=500", "intake status=500")
    seen = []
    for _ in range(4):
        script_.answer(request(), [])
        seen.append([state.left for state in script_.in_force])
    assert seen == [[2, 1, None], [1, 0, None], [0, 0, None], [0, 0, None]]


def test_a_seed_repeats_itself_and_another_does_not():
    faults = ("intake p=0.5 status=500", "intake p=0.5 status=400")
    runs = [statuses(script(*faults, seed=seed), 60) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_restart_repeats_what_was_only_put_in_force_for_that():
    script_ = script("intake first=1 status=500")
    assert statuses(script_, 2) == [500, None]
    script_.replace(["intake status=400"])
    assert statuses(script_, 1) == [400]
    script_.add(["intake status=401"])  # the first that says something wins
    assert statuses(script_, 1) == [400]
    script_.restart()
    assert statuses(script_, 2) == [500, None]


def test_a_restart_repeats_its_dice():
    script_ = script("intake p=0.5 status=500")
    first = statuses(script_, 50)
    script_.replace(["intake p=0.2 status=500"])
    statuses(script_, 9)
    script_.restart()
    assert statuses(script_, 50) == first


def test_a_fault_is_taken_back_by_its_number_which_no_other_ever_has():
    script_ = script("intake nth=1 status=500", "intake nth=2 status=400")
    assert [state.number for state in script_.in_force] == [1, 2]
    assert script_.remove_number(1)
    script_.add(["intake nth=1 status=503"])
    assert [state.number for state in script_.in_force] == [2, 3]
    assert not script_.remove_number(1)
    assert statuses(script_, 2) == [503, 400]


def test_a_fault_that_comes_after_another_was_taken_back_has_dice_of_its_own():
    script_ = script("intake p=0.5 status=500", "intake p=0.5 status=400")
    script_.remove_number(1)
    script_.add(["intake p=0.5 retry-after=1"])
    answers = [script_.answer(request(), []) for _ in range(60)]
    both = {
        (a is not None and a.status == 400, a is not None and a.retry_after == 1) for a in answers
    }
    assert len(both) == 4, "the two would otherwise always hit together"


def test_a_key_that_a_fault_has_rotated_is_valid_again_when_that_fault_is_taken_back():
    script_ = script("intake nth=1 key-rotated=new", "stream nth=1 key-rotated")
    script_.answer(request(), [])
    script_.opening(STREAM, 1)
    assert [script_.valid_key(side, "old") for side in (Side.INTAKE, Side.STREAM)] == ["new", ""]
    script_.remove_number(1)
    assert [script_.valid_key(side, "old") for side in (Side.INTAKE, Side.STREAM)] == ["old", ""]


def test_another_scripts_seed_lasts_as_long_as_it_does():
    faults = ["intake p=0.5 status=500"]
    first, second = (statuses(script(*faults, seed=seed), 60) for seed in (1, 2))
    script_ = script(*faults, seed=1)
    script_.replace(faults, seed=2)
    assert statuses(script_, 60) == second != first
    script_.replace(faults)
    assert statuses(script_, 60) == first


def test_what_is_spent_is_said_to_be():
    script_ = script("intake first=2 status=500")
    (state,) = script_.in_force
    lines = []
    for _ in range(3):
        script_.answer(request(), [])
        lines.append(state.line().partition(" · ")[2])
    assert lines == ["hit 1 of 1, 1 left", "hit 2 of 2, spent", "hit 2 of 3, spent"]


def test_one_fault_can_be_taken_back_and_the_others_go_on():
    script_ = script("intake nth=1 status=500", "intake nth=2 status=400")
    assert statuses(script_, 1) == [500]
    script_.remove(script_.in_force[0].fault)
    assert statuses(script_, 2) == [400, None]


def test_faults_do_not_touch_each_others_dice():
    alone = statuses(script("intake p=0.5 status=500"), 50)
    assert statuses(script("intake p=0.5 status=500", "intake p=0.9 delay=1"), 50) == alone


def test_spans_count_from_the_begin_in_simulated_seconds():
    clock = VirtualClock()
    script_ = script("intake between=30s..45s status=500", clock=clock, speed=10.0)
    seen = []
    clock.advance(100)
    script_.begin()
    for _ in range(6):
        seen.append(statuses(script_, 1)[0])
        clock.advance(1)
    assert seen == [None, None, None, 500, 500, None]


def test_only_requests_with_such_an_event_are_counted():
    script_ = script("intake nth=2 type=grant.* status=400")
    grant, other = '{"id":"1","type":"grant.created"}', '{"id":"2","type":"token.issued"}'
    hits = [script_.answer(request(), messages) for messages in ([grant], [other], [other, grant])]
    assert [bool(hit) for hit in hits] == [False, False, True]


def test_keys_are_matched_whole_on_both_sides():
    script_ = script("intake key=abc status=400", "stream key=abc drain")
    assert script_.answer(request(dd_api_key="abc"), [])
    assert not script_.answer(request(dd_api_key="abcd"), [])
    assert script_.opening(request(authorization="Bearer abc"), 1)
    assert not script_.opening(request(authorization="Bearer ab"), 1)


def test_a_rotated_key_lasts_until_another_script_is_in_force():
    script_ = script("intake nth=1 key-rotated=new")
    assert script_.valid_key(Side.INTAKE, "old") == "old"
    script_.answer(request(), [])
    assert script_.valid_key(Side.INTAKE, "old") == "new"
    assert script_.valid_key(Side.STREAM, "old") == "old"
    script_.replace([])
    assert script_.valid_key(Side.INTAKE, "old") == "old"
    assert not script_.active


def test_events_are_hit_once_for_all_streams():
    script_ = script("stream nth=2 type=a.* skip", "stream client=3 id=1 duplicate")
    events = [
        emission(b'{"id":"%d","type":"%b"}' % (n, t)) for n, t in enumerate((b"b", b"a.x", b"a.y"))
    ]
    assert script_.passing(events) == [
        (),
        ((Match(client=3, id="1"), Passing(acts=(duplicate.KIND.act(1),))),),
        ((Match(type="a.*"), Passing(acts=(skip.KIND.act(value=True),))),),
    ]
    assert script_.passing(events[:1]) is None
    assert script().passing(events) is None


def test_of_several_the_first_that_says_something_wins():
    first, second = Opening(status=503), Opening(status=500, delay=2.0)
    assert merge([first, second]) == Opening(status=503, delay=2.0)
    assert merge([first]) is first
    assert merge([]) is None


def test_the_end_that_counts_brings_its_moment_along():
    at_once, later = Opening(end=End.RESET), Opening(end=End.KILL, after_events=5)
    assert merge([at_once, later]) == at_once
    assert merge([later, at_once]) == later
    assert merge([Opening(acts=BOM), later]) == replace(later, acts=BOM)


def test_what_is_about_lines_does_not_count_a_websocket():
    script_ = script("stream nth=2 bom retry=1s", "stream nth=2 bom split=3")
    found = [script_.opening(each, 1) for each in (STREAM, SOCKET, STREAM)]
    assert found == [
        None,
        Opening(acts=(*BOM, split.KIND.act(3))),
        Opening(acts=(*BOM, retry.KIND.act(1.0))),
    ]


class FakeStream:
    def __init__(self, client: int) -> None:
        self.client = client
        self.ends: list[End] = []
        self.struck = asyncio.Event()

    def strike(self, do: Opening) -> None:
        assert do.end is not None
        self.ends.append(do.end)
        self.struck.set()


async def test_open_streams_are_struck_when_a_span_begins_and_not_before():
    script_ = script("stream between=20ms..1h kill client=2", clock=WallClock())
    one, two = FakeStream(1), FakeStream(2)
    script_.opened(one, STREAM)
    script_.opened(two, STREAM)
    assert two.ends == []
    async with asyncio.timeout(60):
        await two.struck.wait()
    assert (one.ends, two.ends) == ([], [End.KILL])
    assert script_.in_force[0].fired == 1


async def test_a_span_from_zero_strikes_at_once_and_only_once():
    clock = VirtualClock()
    script_ = script(clock=clock)
    stream = FakeStream(1)
    script_.opened(stream, STREAM)
    script_.replace(["stream between=0s..9s kill", "stream now reset after-events=0"])
    assert stream.ends == [End.KILL, End.RESET]
    script_.begin()
    assert len(stream.ends) == 2
    script_.closed(stream)


@pytest.mark.parametrize("when", ["now", "between=0s..9s"])
@pytest.mark.parametrize(
    ("whom", "struck"),
    [
        ("", [1, 2]),
        ("path=/v1/events/ws", [2]),
        ("path=*/stream", [1]),
        ("key=key-of-socket", [2]),
        ("client=1", [1]),
        ("client=1 path=*/ws", []),
        ("nth=2", [2]),
        ("times=1", [1]),
        ("p=0", []),
    ],
)
async def test_only_streams_that_match_are_struck(when, whom, struck):
    script_ = script()
    plain, socket = FakeStream(1), FakeStream(2)
    script_.opened(plain, STREAM)
    script_.opened(socket, SOCKET)
    script_.add([f"stream {when} reset {whom}"])
    assert [stream.client for stream in (plain, socket) if stream.ends] == struck
    assert script_.in_force[0].fired == len(struck)
    script_.replace([])


async def test_a_fault_that_is_taken_back_strikes_nothing_later():
    script_ = script("stream after=10ms reset", clock=WallClock())
    stream = FakeStream(1)
    script_.opened(stream, STREAM)
    script_.remove_number(1)
    assert script_._strikes._armed == {}
    script_.catch_up()
    assert stream.ends == []


async def test_streams_that_have_gone_are_left_alone():
    script_ = script()
    stream = FakeStream(1)
    script_.opened(stream, STREAM)
    script_.closed(stream)
    script_.replace(["stream now reset"])
    assert stream.ends == []


async def test_a_clock_of_its_own_decides_when_a_span_begins():
    clock = VirtualClock()
    script_ = script("stream after=10ms reset", clock=clock)
    stream = FakeStream(1)
    script_.opened(stream, STREAM)
    (state,) = script_.in_force
    script_._strikes._due(state)  # the loop's time has passed, the clock's has not
    assert stream.ends == []
    clock.advance(1)
    script_._strikes._due(state)
    assert stream.ends == [End.RESET]
    script_.closed(stream)
