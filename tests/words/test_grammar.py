"""One grammar: every option, file key and API of ours takes every spelling of a duration."""

import argparse
import asyncio
import json

import pytest

from grantex_sim.account.routes import _settle
from grantex_sim.commands.main import build_parser as simulator_parser
from grantex_sim.events.clock import SessionClock
from grantex_sim.faults import keys as fault_keys
from grantex_sim.faults.parse import parse_faults
from grantex_sim.faults.values import duration, pause, span
from grantex_sim.http.wire import Request
from grantex_sim.scenario import keys, values
from grantex_sim.service.clock_routes import ClockRoutes
from grantex_sim.service.scenario_routes import _Asked, _scenario
from grantex_sim.service.wish import Wish
from grantex_tui.cli.main import build_parser
from grantex_tui.cli.rehearse import WORDS, word_parser
from grantex_tui.cli.rehearse_input import _phases, instant
from grantex_tui.errors import GrantexTuiError
from grantex_tui.rehearsal.spec.read import read_spec
from grantex_tui.rehearsal.sweep.ranges import parse_windows
from grantex_tui.settings import load_settings
from grantex_tui.words.sizes import parse_size
from tests.support.clock import VirtualClock


SPELLINGS = {
    "90": 90,
    "90s": 90,
    "1.5m": 90,
    "1m30s": 90,
    "1h30m": 5_400,
    "1h 30m": 5_400,
    "500ms": 0.5,
    "90000 ms": 90,
    "1d": 86_400,
    "1w": 604_800,
}


def options(parser, name):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from options(below, f"{name} {word}")
        elif action.metavar in ("DURATION", "D"):
            yield f"{name} {action.option_strings[-1]}", action.type
        else:
            assert action.metavar not in ("SECONDS", "S"), action.option_strings


def commands():
    yield from options(build_parser(), "grantex-tui")
    yield from options(simulator_parser(), "grantex-sim")
    for word in WORDS:
        yield from options(word_parser(word), f"rehearse {word}")
    yield "explain --at", lambda text: instant(f"+{text.strip()}", 0.0)


def setting(key):
    return lambda text: getattr(load_settings({}, {}, f'{key} = "{text}"'), key)


def settings():
    for key in ("flush_interval", "shutdown_timeout", "journal_max_age"):
        yield f"config.toml {key}", setting(key)


def rehearsal(more, **expect):
    body = {"name": "a", "events": {"scenario": "quiet"}, "expect": expect or "none-fires"}
    text = json.dumps({"version": 1, "rehearsals": [body | more]})
    return read_spec(text, path="x.rehearsal.json")[0]


def rehearsals():
    yield (
        "spec duration",
        lambda t: rehearsal({"events": {"scenario": "quiet", "duration": t}}).source.end.seconds,
    )
    yield (
        "spec end",
        lambda t: (
            rehearsal({"events": {"scenario": "quiet", "end": f"+{t.strip()}"}}).source.end.seconds
        ),
    )
    yield "spec latency", lambda t: rehearsal({"delivery": {"latency": t}}).delivery.latency
    yield (
        "spec flush_interval",
        lambda t: rehearsal({"delivery": {"flush_interval": t}}).delivery.flush_interval,
    )
    yield "spec ingest_lag", lambda t: rehearsal({"ingest_lag": t}).delivery.latency


def scenarios():
    def tables():
        for name, table in vars(keys).items():
            if name.isupper() and isinstance(table, dict):
                yield name, table

    for table, known in tables():
        for key, entry in known.items():
            if isinstance(entry, values.Key) and entry.kind in (values.DURATION, values.OFFSET):
                yield (
                    f"scenario {table} {key}",
                    lambda t, read=entry.kind.read: read(t, values.At()) / 1000,
                )


def faults():
    for table in (fault_keys.ANSWER, fault_keys.OPENING, fault_keys.PASSING, fault_keys.REWRITING):
        for key, read in table.items():
            if read in (duration, pause):
                yield f"fault {key}", lambda t, read=read, key=key: read(t, key)
    yield "fault between", lambda t: span(["0", t], "between")[1]
    yield (
        "fault after",
        lambda t: (
            parse_faults([{"on": "stream", "after": t, "do": "reset"}])[0].when.between or [0]
        )[0],
    )


def advanced(text):
    async def advance():
        clock = SessionClock(VirtualClock(0.0))
        body = json.dumps({"virtual": True, "advance": text}).encode()
        routes = ClockRoutes(clock, lambda: asyncio.sleep(0))
        answer = await routes.answer(Request("POST", "/_sim/clock", "1.1", (), body))
        assert b" 200 " in (answer or b"")
        return clock.now()

    return asyncio.run(advance())


def control():
    yield "POST /_sim/clock advance", advanced
    yield (
        "POST /_sim/scenario duration",
        lambda t: _scenario(_Asked(name="quiet", duration=t)).duration,
    )
    yield "GET /_sim/ledger settle", lambda t: _settle({"settle": t})
    yield "GET /_sim/wait timeout", lambda t: Wish.of([("clients", "1"), ("timeout", t)]).timeout


ROWS = dict(
    row for rows in (commands, settings, rehearsals, scenarios, faults, control) for row in rows()
)
BOUNDED = {"GET /_sim/wait timeout": 600, "grantex-sim assert --wait": 600}
"""What takes no more seconds than this, and says so."""
REFUSED = (ValueError, GrantexTuiError, argparse.ArgumentTypeError, AssertionError, values.BadValue)
COUNTS = {"fault after": {"90"}}
"""Where a bare number is a count."""


def test_the_matrix_is_no_smaller_than_what_there_is():
    assert len(ROWS) >= 35
    assert {"grantex-tui watch --flush-interval", "scenario TOP duration"} <= ROWS.keys()


@pytest.mark.parametrize("row", ROWS)
def test_every_place_takes_every_spelling_of_a_duration(row):
    got = {}
    for text, seconds in SPELLINGS.items():
        if seconds <= BOUNDED.get(row, 1e9) and text not in COUNTS.get(row, ()):
            assert ROWS[row](text) == pytest.approx(seconds), text
            got[text] = seconds
    assert len(got) > 5


@pytest.mark.parametrize("row", ROWS)
def test_no_place_takes_what_is_no_duration(row):
    for text in ("m", "1:30", "5minutes", "1y", "-5s", "1e3", "nan"):
        with pytest.raises(REFUSED):
            ROWS[row](text)


def test_a_phase_is_a_duration_under_a_minute():
    assert _phases("30s") == _phases("30") == (30,)
    assert rehearsal({"phase": "30s"}).phases == (30,)
    assert rehearsal({"phase": ["0s", 20]}).phases == (0, 20)


def test_windows_of_a_sweep_are_durations_too():
    assert parse_windows("90m,1h30m,1d,last_5m,300") == (300, 5_400, 86_400)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500", 500),
        ("64kB", 64_000),
        ("1.5 MB", 1_500_000),
        ("2GiB", 2 << 30),
        ("1k", 1000),
        (7, 7),
    ],
)
def test_sizes_have_one_grammar_too(text, size):
    assert parse_size(text) == size
    if size > 500:
        read = load_settings({}, {}, f'journal_max_bytes = "{text}"')
        assert read.journal_max_bytes == size


@pytest.mark.parametrize("text", ["", "kB", "5 TB", "-1", "1e3", None, True, -5, 1.5])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


def test_a_wrong_duration_in_the_settings_is_told_with_its_line():
    with pytest.raises(Exception, match=r"c\.toml:2: flush_interval: 'soon' is no duration"):
        load_settings({}, {}, 'site = "x"\nflush_interval = "soon"', file_path="c.toml")
