from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.rehearsal.diff.diff import Comparison, compare, paired
from grantex_tui.rehearsal.diff.match import match
from grantex_tui.rehearsal.engine.model import INSTANT, Incident
from grantex_tui.rehearsal.engine.run import run_pass, run_phases
from grantex_tui.report.diff import diff_report
from grantex_tui.words.display import cell_width
from tests.support.keys import shallow
from tests.support.keys import told as told_keys
from tests.support.plans import load_plan
from tests.support.written import data, written


START = 1_780_000_020.0
PLAN = load_plan()
QUERY = (
    'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count").last("5m")'
)
TIMES = st.lists(st.integers(0, 40), max_size=5).map(sorted)


def best_by_trying_all(one, other, tolerance):
    """(alone, moved) of the best of all ways to pair: every subset of pairs without a repeat."""
    possible = [
        (a, b)
        for a in range(len(one))
        for b in range(len(other))
        if abs(one[a] - other[b]) <= tolerance
    ]
    found = [(len(one) + len(other), 0)]
    for size in range(1, min(len(one), len(other)) + 1):
        for pairs in combinations(possible, size):
            firsts, seconds = {a for a, _ in pairs}, {b for _, b in pairs}
            if len(firsts) == len(seconds) == size:
                moved = sum(abs(one[a] - other[b]) for a, b in pairs)
                found.append((len(one) + len(other) - 2 * size, moved))
    return min(found)


@given(TIMES, TIMES, st.integers(0, 20))
def test_no_other_way_to_pair_leaves_fewer_alone_or_moves_less(one, other, tolerance):
    pairs = match(one, other, tolerance)
    together = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert sorted(a for a, _ in pairs if a is not None) == list(range(len(one)))
    assert sorted(b for _, b in pairs if b is not None) == list(range(len(other)))
    assert all(abs(one[a] - other[b]) <= tolerance for a, b in together)
    cost = (
        len(pairs) - len(together),
        sum(abs(one[a] - other[b]) for a, b in together),
    )
    assert cost == best_by_trying_all(one, other, tolerance)


def test_many_transitions_are_matched_in_a_moment():
    one = [float(n * 600) for n in range(5000)]
    pairs = match(one, [at + 60 for at in one], 500)
    assert pairs == [(n, n) for n in range(5000)]


def test_without_a_pause_they_are_matched_in_turn_within_the_tolerance():
    one = [float(n * 60) for n in range(3000)]
    pairs = match(one, [at + 25 for at in one[100:]], 900)
    assert len(pairs) == 3000
    together = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert all(abs(one[a] - (one[b + 100] + 25)) <= 900 for a, b in together)
    assert sorted(a for a, _ in pairs if a is not None) == list(range(3000))
    assert sorted(b for _, b in pairs if b is not None) == list(range(2900))


def monitor(critical: float = 10, window: str = "5m", name: str = "revoked", **more):
    query = f"{QUERY.replace('5m', window)} > {critical:g}"
    options = {"thresholds": {"critical": critical, **more.pop("thresholds", {})}}
    value = {"name": name, "type": "log alert", "query": query, "message": "", "options": options}
    (found,) = load_monitors(json.dumps({**value, **more}), path="m.json")
    return found


def burst(at: float, count: int, every: float = 1.0) -> list[Arrival]:
    return [
        Arrival(
            START + at + n * every,
            decode_event(
                json.dumps(
                    {
                        "id": f"evt_{at}_{n}",
                        "type": "grant.revoked",
                        "createdAt": rfc3339(START + at + n * every),
                        "data": {},
                    }
                ).encode()
            ),
        )
        for n in range(count)
    ]


EVENTS = [*burst(100, 40, 6), *burst(3700, 12), *burst(7300, 25, 10)]
INCIDENTS = (
    Incident("storm", START + 100, START + 400),
    Incident("drizzle", START + 3700, START + 3800),
)


def compared(a, b, **options) -> Comparison:
    phases = options.pop("phases", (0,))
    found = run_phases(
        lambda: EVENTS, replace(PLAN, monitors=[*a, *b]), source="a test", delivery=INSTANT,
        phases=phases, start=START, end=START + 10800, incidents=INCIDENTS,
    )  # fmt: skip
    return compare(found, len(a), **options)


def test_the_same_monitor_says_the_same():
    (told,) = compared([monitor()], [monitor()]).differences
    assert not told.differs
    assert (told.edits, told.only_a, told.only_b, told.moved) == ((), (), (), ())
    assert told.same == 6


def test_a_higher_threshold_loses_alerts_and_moves_those_that_stay():
    told = compared([monitor(10)], [monitor(20)])
    (each,) = told.differences
    assert told.differs
    assert [edit[:3] for edit in each.edits] == [("critical", "10", "20")]
    assert [(t.at - START, str(t.destination)) for t in each.only_a] == [
        (3720, "Alert"),
        (4020, "OK"),
    ]
    assert each.only_b == ()
    assert next((a.at - START, b.at - a.at) for a, b in each.moved) == (180, 60)
    assert (each.lost, each.found) == (("drizzle",), ())
    assert each.trial_a is not None
    assert each.trial_b is not None
    assert (each.trial_a.alerts, each.trial_b.alerts) == (3, 2)
    back = compared([monitor(20)], [monitor(10)]).differences[0]
    assert (back.lost, back.found) == ((), ("drizzle",))
    assert [t.at for t in back.only_b] == [t.at for t in each.only_a]


def test_beyond_the_tolerance_a_transition_is_another_one():
    near = compared([monitor(10)], [monitor(10, window="10m")]).differences[0]
    assert [b.at - a.at for a, b in near.moved] == [300, 300, 300]
    far = compared([monitor(10)], [monitor(10, window="10m")], tolerance=200).differences[0]
    assert far.moved == ()
    assert len(far.only_a) == len(far.only_b) == 3


def test_monitors_are_paired_by_name_then_id_then_query_then_what_is_left():
    a = [monitor(name="one"), monitor(name="two", id=7), monitor(name="gone")]
    b = [monitor(name="new two", id=7), monitor(name="renamed"), monitor(name="one")]
    assert paired(a, b) == [(0, 2), (1, 0), (2, 1)]
    other = monitor(name="renamed", window="15m")
    assert paired(a, [b[0], other, b[2]]) == [(0, 2), (1, 0), (2, 1)]
    more = [b[0], other, b[2], monitor(name="more", window="1h")]
    assert paired(a, more) == [(0, 2), (1, 0), (2, None), (None, 1), (None, 3)]
    lower = monitor(3, name="gone by another name")
    assert paired(a, [*more, lower]) == [(0, 2), (1, 0), (2, 4), (None, 1), (None, 3)]


def test_a_monitor_on_one_side_only_is_a_difference():
    told = compared([monitor()], [monitor(), monitor(20, name="more")])
    assert told.differs
    assert [(each.name, each.a is None, each.b is None) for each in told.differences] == [
        ("revoked", False, False),
        ("more", True, False),
    ]
    assert len(told.differences[1].only_b) == 4


def test_groups_are_not_mixed_up():
    dice = random.Random(3)
    events = []
    for place, one in enumerate(EVENTS):
        value = json.loads(one.event.raw) | {"id": f"evt_{place}"}
        value["data"] = {"agentId": f"ag_{dice.randrange(2)}"}
        events.append(Arrival(one.received_at, decode_event(json.dumps(value).encode())))
    query = QUERY.replace('"count")', '"count").by("@grantex.agent_id")')

    def grouped(critical: int):
        value = {
            "name": "by agent", "type": "log alert", "query": f"{query} > {critical}",
            "message": "", "options": {"thresholds": {"critical": critical}, "new_group_delay": 0},
        }  # fmt: skip
        return load_monitors(json.dumps(value), path="m.json")

    found = run_pass(
        events, replace(PLAN, monitors=[*grouped(5), *grouped(6)]), source="a test",
        delivery=INSTANT, start=START, end=START + 10800,
    )  # fmt: skip
    (told,) = compare([found], 1).differences
    assert told.moved or told.only_a
    assert all(a.group == b.group and a.destination is b.destination for a, b in told.moved)


NAMES = ("main:a.json", "b.json")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_fits_and_says_what_changed(width):
    told = compared([monitor(10)], [monitor(20)])
    text = written(diff_report(told, NAMES), width=width)
    assert max(map(cell_width, text.splitlines())) <= max(width, 46)
    flat = " ".join(text.split())
    assert "critical 10 → 20" in flat
    assert "alerts 3 → 2" in flat
    assert "false alerts 1" in flat
    assert "drizzle, which A detects" in flat


def test_hostile_names_are_neutralised_in_every_form():
    evil = monitor(10, name="<script>\x1b[31m|`x`\u202e")
    told = compared([evil], [monitor(20, name="<script>\x1b[31m|`x`\u202e")])
    for text in (written(diff_report(told, NAMES)), written(diff_report(told, NAMES), "markdown")):
        assert "\x1b" not in text
        assert "\u202e" not in text
    markdown = written(diff_report(told, NAMES), "markdown")
    assert "<script>" not in markdown.replace("\\<script\\>", "")
    assert data(diff_report(told, NAMES))["differs"] is True


def test_the_markdown_has_a_row_a_monitor_and_folds_the_rest():
    text = written(diff_report(compared([monitor(10)], [monitor(20)]), NAMES), "markdown")
    assert "| revoked | critical 10 → 20 | 3 → 2 |" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert "- misses: drizzle, which A detects" in text
    same = written(diff_report(compared([monitor()], [monitor()]), NAMES), "markdown")
    assert "say the same at the same instants" in same
    first, *_ = text.split("\n| monitor")
    assert "A: main:a.json; B: b.json; over a test" in first
    silent = written(
        diff_report(compared([], [monitor(1000, name="of no use")]), NAMES), "markdown"
    )
    assert "| of no use | new | 0 |" in silent
    assert "- only in: B" in silent
    assert "<details>" not in same


def test_with_several_phases_the_one_that_differs_the_most_is_shown():
    phases = range(0, 60, 10)
    a, b = [monitor(11, "1m")], [monitor(11, "1m"), monitor(9, "1m", name="other")]
    whole = compared(a, b, phases=tuple(phases))
    assert whole.phases == tuple(phases)
    assert whole.differences[0].differs_at == ()
    (told,) = compared([monitor(11, "1m")], [monitor(9, "1m")], phases=tuple(phases)).differences
    single = {
        phase: compared([monitor(11, "1m")], [monitor(9, "1m")], phases=(phase,)).differences[0]
        for phase in phases
    }
    assert told.differs_at == tuple(phase for phase, each in single.items() if each.differs)
    assert told == replace(single[told.phase], differs_at=told.differs_at)
    ranks = {
        phase: (
            len(each.lost) + len(each.found),
            len(each.only_a) + len(each.only_b),
            len(each.moved),
        )
        for phase, each in single.items()
    }
    assert ranks[told.phase] == max(ranks.values())
    assert len(set(ranks.values())) > 1


def test_every_form_says_at_which_phases_it_differs():
    # of the twelve in the drizzle two windows hold a part each, where one ends in their midst
    told = compared([monitor(11, "1m")], [monitor(10, "1m")], phases=(0, 10, 20, 30, 40, 50))
    (each,) = told.differences
    assert each.differs_at == (40, 50)
    seconds = ", ".join(map(str, each.differs_at))
    shown = f"differs at {seconds} s of 6 phases; shown is {each.phase} s"
    assert shown in " ".join(written(diff_report(told, NAMES), width=100).split())
    assert f"- phases: {shown}" in written(diff_report(told, NAMES), "markdown")
    value = data(diff_report(told, NAMES))
    assert value["phases"] == [0, 10, 20, 30, 40, 50]
    assert isinstance(value["monitors"], list)
    assert value["monitors"][0]["differs_at"] == list(each.differs_at)
    alone = written(diff_report(compared([monitor(11)], [monitor(9)]), NAMES))
    assert "phases" not in alone


def test_the_page_tells_of_every_key_of_a_comparison():
    found = data(diff_report(compared([monitor(10)], [monitor(20)]), NAMES))
    assert shallow(found) == told_keys("### diff")
    assert set(found["monitors"][0]["noise_a"]) <= told_keys("## Measures")
