"""What the page can show: the newest, bounded in number and bytes, without keys."""

from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.account.report import Exchange
from grantex_sim.events.emission import emission
from grantex_sim.http.wire import Request
from grantex_sim.page.recent import Recent


def exchange(*, status: int = 202, size: int = 10) -> Exchange:
    return Exchange(
        at="2026-01-05T09:00:00.000Z", path="/api/v2/logs", key="valid", encoding="gzip",
        status=status, reason="" if status == 202 else "scripted", entries=1, bytes=5, size=size,
        truncated=0, seconds=0.001,
    )  # fmt: skip


REQUEST = Request("POST", "/api/v2/logs", "1.1", (("dd-api-key", "s3cret-key"), ("x-a", "b")))


def test_a_key_is_not_kept_and_other_headers_are():
    recent = Recent()
    recent.take_request(REQUEST, exchange(), ["{}"], 1.0)
    assert recent.accepted[0].headers == (("dd-api-key", "…"), ("x-a", "b"))
    assert "s3cret" not in repr(recent.accepted)


def test_a_request_is_found_by_its_number_until_it_is_dropped():
    recent = Recent(requests=2)
    for _ in range(3):
        recent.take_request(REQUEST, exchange(), [], 1.0)
    assert [request.number for request in recent.accepted] == [2, 3]
    assert recent.request(1) is None
    assert recent.request(0) is None
    assert recent.request(4) is None
    found = recent.request(3)
    assert found is not None
    assert found.number == 3


def test_clearing_begins_the_numbers_anew():
    recent = Recent()
    recent.take_request(REQUEST, exchange(), [], 1.0)
    version = recent.version
    recent.clear()
    assert [list(recent.emitted), list(recent.accepted), list(recent.refused)] == [[], [], []]
    assert recent.version > version
    recent.take_request(REQUEST, exchange(), [], 1.0)
    assert recent.accepted[0].number == 1


def test_refused_requests_do_not_push_out_accepted_ones():
    recent = Recent(requests=2)
    recent.take_request(REQUEST, exchange(), ["taken"], 1.0)
    for _ in range(9):
        recent.take_request(REQUEST, exchange(status=403), [], 1.0)
    assert [request.number for request in recent.accepted] == [1]
    assert [request.number for request in recent.refused] == [9, 10]
    assert [recent.request(number) is not None for number in (1, 2, 8, 9, 10, 11)] == [
        True, False, False, True, True, False,
    ]  # fmt: skip


def test_a_body_counts_and_so_do_entries_of_which_the_ledger_has_no_size():
    recent = Recent(size=100)
    big = Request("POST", "/api/v2/logs", "1.1", (), b"x" * 80)
    for _ in range(3):
        recent.take_request(big, exchange(), [], 1.0)
        recent.take_request(REQUEST, exchange(status=0, size=0), ["y" * 80], 1.0)
    assert [request.number for request in recent.accepted] == [5]
    assert [request.number for request in recent.refused] == [6]


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(1, 10), st.integers(1, 200))
def test_no_more_is_kept_than_the_limits_allow_and_always_the_newest(sizes, most, limit):
    recent = Recent(requests=most, size=limit)
    for size in sizes:
        recent.take_request(REQUEST, exchange(size=size), [], 1.0)
    kept = list(recent.accepted)
    assert [request.number for request in kept] == list(
        range(len(sizes) - len(kept) + 1, len(sizes) + 1)
    )
    assert len(kept) <= most
    assert sum(request.exchange.size for request in kept) <= limit or len(kept) == 1
    # One more would have been too many, or too much.
    more = sizes[len(sizes) - len(kept) - 1 :] if len(kept) < len(sizes) else []
    assert not more or len(more) > most or sum(more) > limit or max(sizes) > limit


@given(st.lists(st.integers(0, 7), max_size=8), st.integers(1, 9))
def test_the_newest_events_are_kept_however_they_come(blocks, most):
    recent = Recent(events=most)
    payloads: list[object] = []
    for count in blocks:
        block = [emission(b'{"id":"evt_%d"}' % (len(payloads) + i)) for i in range(count)]
        payloads += block
        recent.take_events(block, 1.0)
    assert [event for _, event in recent.emitted] == payloads[-most:]
