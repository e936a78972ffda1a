"""The guide's revocation monitor, from logs to the words that people get."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.notify.notification import notification
from grantex_tui.pack import monitor_texts
from tests.support.feed import LogFeed


NINE = 1_767_603_600
"""2026-01-05T09:00:00Z."""


@pytest.fixture(scope="module")
def told():
    """12 revocations in the first minute, 51 by the fourth, then silence."""
    [monitor] = load_monitors(dict(monitor_texts())["revocations"], path="revocations.json")
    evaluator = Evaluator([monitor], start=NINE)
    feed = LogFeed(evaluator.counters)
    transitions = []
    for second in [4 * n for n in range(1, 13)] + [180 + n for n in range(1, 40)]:
        transitions += evaluator.advance_before(NINE + second)
        attributes: dict[str, object] = {"grantex": {"event_type": "grant.revoked"}}
        timestamp = (NINE + second) * 1000
        feed.observe(Log(attributes=attributes, source="grantex", timestamp=timestamp))
    transitions += evaluator.advance(NINE + 3600)
    return [notification(monitor, transition) for transition in transitions]


def link(start, end):
    return (
        "https://app.datadoghq.com/logs"
        "?query=source%3Agrantex+%40grantex.event_type%3Agrant.revoked"
        f"&from_ts={(NINE + start) * 1000}&to_ts={(NINE + end) * 1000}&live=false"
    )


def test_the_story(told):
    found = [(n.transition.at - NINE, n.title, n.transition.value) for n in told]
    name = "Grantex: many grants revoked"
    assert found == [
        (60, f"[Warn] {name}", 12),
        (240, f"[Triggered] {name}", 51),
        (360, f"[Warn] {name}", 39),
        (540, f"[Recovered] {name}", 0),
    ]


def test_the_warning(told):
    assert told[0].body == (
        "12 grants were revoked in 5 minutes (more than 10): unusual, not yet an incident.\n"
        "\n"
        f"**Look first:** [these logs]({link(-240, 60)}), or search "
        "`source:grantex type:grant.revoked`. Is it one agent or many?\n"
        "**Do:** watch it for some minutes; find the person or job that revokes. "
        "Above 50 this becomes an alert."
    )


def test_the_alert(told):
    body = told[1].body
    assert body.startswith(
        "51 grants were revoked in 5 minutes (more than 50): "
        "an incident, or somebody answering one.\n"
        "\n"
        f"**Look first:** [these logs]({link(-60, 240)}), or search"
    )
    assert body.endswith("automatic revocations have their own monitor.")


def test_the_recovery(told):
    assert told[3].body == (
        "Revocations are back to normal: 0 in the last 5 minutes, after 8 minutes. "
        "Grants stay revoked: agents that lost theirs need a new consent."
    )
