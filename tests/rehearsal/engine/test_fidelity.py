from __future__ import annotations

from dataclasses import replace

import pytest

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.formula import FormulaQuery
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import LogQuery
from grantex_tui.events.gap import Gap
from grantex_tui.rehearsal.engine.fidelity import FIDELITY, approximations_of, render_fidelity
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH, DeliveryModel
from tests.support.plans import load_plan


PLAN = load_plan()


def named(word: str):
    return [monitor for monitor in PLAN.monitors if word in monitor.name]


def notes(*monitors, delivery=INSTANT, phase=0, gaps=()):
    return approximations_of(replace(PLAN, monitors=monitors), delivery, phase, gaps)


@pytest.mark.parametrize("width", [20, 72, 80, 120, 200])
def test_the_table_fits_and_says_every_row(width):
    text = render_fidelity(width)
    assert max(map(len, text.splitlines())) <= max(width, 72)
    words = text.split()
    for row in FIDELITY:
        assert set(row.feature.split()) <= set(words), row.feature
        assert set(row.note.split()) <= set(words), row.feature


def test_only_what_is_exact_needs_no_explanation():
    for row in FIDELITY:
        assert row.note or row.claim == "exact", row.feature


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (INSTANT, "each event counts at once"),
        (WATCH, "batches of 100, 5 s"),
        (GUIDE, "batches of 100, no timer"),
        (
            DeliveryModel("mine", 10, 1.0, 2.5, ((0, 1), (2, 3))),
            "batches of 10, 1 s, 2.5 s on the way, 2 outages",
        ),
    ],
)
def test_a_pass_says_which_delivery_it_took(delivery, said):
    assert any(said in note for note in notes(*named("no events"), delivery=delivery))


def test_a_pass_says_its_phase():
    assert any("30 s past the full minute" in note for note in notes(*named("no"), phase=30))


def test_only_what_was_used_is_named():
    heartbeat = named("no events")
    assert not any("anomaly" in note or "groups" in note for note in notes(*heartbeat))
    assert any("anomaly" in note for note in notes(*named("unusual token")))
    assert any(note.startswith("groups") for note in notes(*named("budget exhausted")))
    assert notes() == []


def test_formulas_estimates_and_options_are_named_when_used():
    (base,) = named("no events")
    part = LogQuery("*", "cardinality", "@a")
    formula = FormulaQuery("a * 2", {"a": part}, 300, Comparator(">"), 1.0)
    options = replace(
        base.options,
        notify_no_data=True,
        timeout_h=1,
        renotify_interval=10,
        unmodelled=("aggregation",),
    )
    said = notes(replace(base, query=formula, options=options))
    for label in ("estimates", "formula", "no data", "renotify", "auto-resolve", "monitor"):
        assert any(note.startswith(label) and base.name in note for note in said), label


def test_gaps_are_named_with_their_length():
    gaps = [Gap(0, 60, "reset"), Gap(100, 140, "reset"), Gap(200, None, "away")]
    assert "gaps: 3 gaps of 100 s" in notes(*named("no"), gaps=gaps)[-1]


def test_a_custom_schedule_is_named_as_left_out():
    (monitor,) = load_monitors(
        """{"name": "Nightly", "type": "log alert", "message": "x",
            "query": "logs(\\"*\\").index(\\"*\\").rollup(\\"count\\").last(\\"5m\\") > 1",
            "options": {"thresholds": {"critical": 1}, "scheduling_options": {"custom_schedule":
                {"recurrences": [{"rrule": "FREQ=DAILY", "timezone": "UTC"}]}}}}""",
        path="m.json",
    )
    said = "monitor 'Nightly' is not evaluated: options.scheduling_options is not modelled here"
    assert said in notes(monitor)
