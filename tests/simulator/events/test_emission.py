from __future__ import annotations

import json
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.events.emission import Timed, emission, from_payloads, spaced
from grantex_sim.service.app import serve_in_thread
from grantex_tui.errors import RecordingError


def event(number: int, size: int = 0) -> bytes:
    return b'{"id":"evt_%d","type":"t","data":{"filler":"%b"}}' % (number, b"x" * size)


def at(second: float, number: int) -> bytes:
    return b'{"id":"evt_%d","type":"t","createdAt":"2026-01-05T09:00:%06.3fZ"}' % (number, second)


def ids(served: bytes) -> list[str]:
    return [
        json.loads(line[6:])["id"] for line in served.split(b"\n") if line.startswith(b"data: ")
    ]


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=20))
def test_time_never_goes_back_and_begins_at_zero(instants):
    found = list(spaced((instant, b"") for instant in instants))
    times = [timed.at for timed in found]
    assert times == sorted(times)
    assert times[:1] in ([], [0.0])
    stamped = [instant for instant in instants if instant is not None]
    if stamped:
        assert times[-1] == max(stamped) - stamped[0]


def test_payloads_are_spaced_by_when_they_were_created():
    source = from_payloads([at(1, 1), b"no event", at(3.5, 2), at(3, 3)])
    assert [timed.at for timed in source(0.0)] == [0.0, 0.0, 2.5, 2.5]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"id":"a","type":"b","x":[1]}', ("a", "b")),
        (b'{"type":"b"}', ("", "b")),
        (b'{"id":1,"type":"b"}', ("", "")),
        (b"[]", ("", "")),
        (b"oops", ("", "")),
        (b"\xff", ("", "")),
        (b"[" * 100_000, ("", "")),
    ],
)
def test_id_and_type_are_read_from_whatever_it_is(payload, expected):
    found = emission(payload)
    assert (found.id, found.type) == expected
    assert found.payload == payload


def test_nothing_is_emitted_before_somebody_listens(connect):
    with serve_in_thread(payloads=[event(1)]) as simulator:
        assert simulator.ledger().emitted == 0
        client = connect(simulator)
        client.get()
        assert ids(client.until_events(1)) == ["evt_1"]


def test_emission_can_wait_for_several_clients(connect):
    with serve_in_thread(payloads=[event(n) for n in range(500)], clients=2) as simulator:
        first, second = connect(simulator), connect(simulator)
        first.get()
        simulator.wait_clients(1)
        assert first.silent()
        second.get()
        expected = [f"evt_{n}" for n in range(500)]
        assert ids(first.until_events(500)) == expected
        assert ids(second.until_events(500)) == expected


def test_at_speed_zero_nothing_is_emitted_into_the_void(connect):
    payloads = [event(n, size=1_000) for n in range(20_000)]
    with serve_in_thread(payloads=payloads) as simulator:
        first = connect(simulator)
        first.get()
        first.until(lambda data: len(data) > 100_000)
        first.close()
        simulator.wait_clients(0)
        emitted = simulator.ledger().emitted
        assert emitted < 20_000  # it went no faster than the first client read
        second = connect(simulator)
        second.get()
        served = ids(
            second.until(
                lambda data: b'"evt_19999"' in data[-5_000:] and data.endswith(b"\n\n\r\n")
            )
        )
    assert served == [f"evt_{n}" for n in range(emitted, 20_000)]


def test_at_a_speed_time_goes_on_without_a_client(connect):
    def source(_start):
        yield Timed(0.0, event(0))
        for number in range(1, 100_000):
            yield Timed(3_600.0 * number, event(number))

    with serve_in_thread(source=source, speed=3_600_000.0) as simulator:  # an event a millisecond
        first = connect(simulator)
        first.get()
        first.until_events(1)
        first.close()
        simulator.wait_clients(0)
        left_at = simulator.ledger().emitted
        second = connect(simulator)
        while simulator.ledger().emitted <= left_at + 5:
            pass
        second.get()
        (resumed, *_) = ids(second.until_events(1))
    assert int(resumed.removeprefix("evt_")) > left_at


def test_a_client_that_does_not_read_delays_nobody_and_is_cut_at_the_limit(connect):
    payloads = [event(n, size=10_000) for n in range(2_000)]  # 20 MB
    with serve_in_thread(payloads=payloads, clients=2, max_waiting=4_000_000) as simulator:
        stuck, reading = connect(simulator), connect(simulator)
        stuck.get()
        reading.get()
        reading.until(lambda data: b'"evt_1999"' in data[-15_000:] and data.endswith(b"\n\n\r\n"))
        assert ids(reading.received) == [f"evt_{n}" for n in range(2_000)]
        simulator.wait_clients(1)
        ledger = simulator.ledger()
        with pytest.raises(ConnectionResetError):
            stuck.to_end()
    assert (ledger.emitted, ledger.clients_cut) == (2_000, 1)


def test_injected_events_reach_all_clients(connect):
    with serve_in_thread() as simulator:
        clients = [connect(simulator) for _ in range(5)]
        for client in clients:
            client.get()
        simulator.wait_clients(5)
        assert simulator.emit(event(1), b"oops", event(2)) == ["evt_1", "", "evt_2"]
        for client in clients:
            assert b"data: oops\n\n" in client.until_events(3)


def test_a_port_that_is_taken_is_an_error():
    with serve_in_thread() as simulator:
        port = int(simulator.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), serve_in_thread(port=port):
            pass


def test_stopping_drops_open_streams_at_once(connect):
    with serve_in_thread(intake_delay=30) as simulator:
        stream, waiting = connect(simulator), connect(simulator)
        stream.get()
        simulator.wait_clients(1)
        waiting.get("/_sim/wait?delivered=1&timeout=600")
        with urlopen(f"{simulator.url}/_sim/ledger") as answer:  # what came before has been read
            assert answer.status == 200
    assert stream.to_end() == b""
    assert waiting.to_end() == b""


@pytest.mark.parametrize(
    "error", [RecordingError("broke off", path="capture"), LookupError("capture: broke off")]
)
def test_a_source_that_fails_is_told_at_the_end(connect, error):
    def source(_start):
        yield Timed(0.0, event(1))
        raise error

    def serve_it():
        with serve_in_thread(source=source, speed=0.0) as simulator:
            connect(simulator).get()
            simulator.wait_clients(1)

    with pytest.raises(type(error), match="capture: broke off"):
        serve_it()
