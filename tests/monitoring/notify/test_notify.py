from __future__ import annotations

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.monitoring.evaluate.states import State, Transition, TransitionKind
from grantex_tui.monitoring.notify.notification import notification
from grantex_tui.monitoring.notify.notify_by import NotifyBy


MESSAGE = (
    "{{#is_alert}}{{value}} over {{threshold}} by {{log.attributes.who}} @slack-sec{{/is_alert}}"
    "{{#is_recovery}}fine{{/is_recovery}} @ops"
)
LOG = Log(attributes={"who": "ann"})


def transition(source, destination, kind, *, at=60.0, value=12.0, group=(), notify=True):
    return Transition(
        monitor="m",
        group=group,
        at=at,
        source=State(source),
        destination=State(destination),
        kind=TransitionKind(kind),
        value=value,
        threshold=10.0,
        notify=notify,
    )


TRIGGERED = transition("OK", "Alert", "Triggered")


def test_title_body_and_recipients(log_alert):
    told = notification(log_alert(name="Burst", message=MESSAGE), TRIGGERED, sample=LOG)
    assert told.title == "[Triggered] Burst"
    assert told.body == "12.0 over 10.0 by ann @slack-sec @ops"
    assert told.recipients == ("@slack-sec", "@ops")
    assert told.transition is TRIGGERED


def test_the_title_names_the_group_unless_told_otherwise(log_alert):
    grouped = transition("OK", "Alert", "Triggered", group=(("agent", "a1"),))
    monitor = log_alert(name="Burst", by=("agent",))
    assert notification(monitor, grouped).title == "[Triggered on {agent:a1}] Burst"
    quiet = log_alert(name="Burst", by=("agent",), include_tags=False)
    assert notification(quiet, grouped).title == "[Triggered] Burst"


@pytest.mark.parametrize("kind", ["Recovered", "No Data"])
def test_no_log_is_shown_on_recovery_and_no_data(log_alert, kind):
    destination = "OK" if kind == "Recovered" else "No Data"
    monitor = log_alert(message="<{{log.attributes.who}}>")
    told = notification(monitor, transition("Alert", destination, kind), sample=LOG)
    assert told.body == "<>"


def test_telling_again_adds_the_escalation_message_and_its_recipients(log_alert):
    monitor = log_alert(message=MESSAGE, escalation_message="Still {{value}}! @boss")
    again = transition("Alert", "Alert", "Re-Triggered")
    told = notification(monitor, again, sample=LOG)
    assert told.body == "12.0 over 10.0 by ann @slack-sec @ops\n\nStill 12.0! @boss"
    assert told.recipients == ("@slack-sec", "@ops", "@boss")
    assert "boss" not in notification(monitor, TRIGGERED).body


# --- notify_by -----------------------------------------------------------------------------------


def of(cluster, pod, source, destination, kind, at):
    group = (("cluster", cluster), ("pod", pod))
    return transition(source, destination, kind, at=at, group=group)


STORY = [
    of("a", "1", "OK", "Alert", "Triggered", 60),
    of("a", "2", "OK", "Alert", "Triggered", 60),
    of("b", "1", "OK", "Warn", "Warn", 60),
    of("a", "3", "OK", "Alert", "Triggered", 120),
    of("a", "1", "Alert", "OK", "Recovered", 180),
    of("a", "1", "OK", "Warn", "Warn", 240),
    of("a", "2", "Alert", "Alert", "Re-Triggered", 300),
    of("a", "3", "Alert", "Alert", "Re-Triggered", 300),
    of("a", "2", "Alert", "OK", "Recovered", 360),
    of("a", "3", "Alert", "OK", "Recovered", 360),
    of("a", "1", "Warn", "OK", "Recovered", 420),
]


def told(monitor, transitions):
    return [(t.at, dict(t.group), t.kind, t.source) for t in NotifyBy(monitor).merge(transitions)]


def test_without_notify_by_every_group_is_told_of(log_alert):
    monitor = log_alert(by=("cluster", "pod"))
    assert NotifyBy(monitor).merge(STORY) == STORY


def test_groups_that_share_the_facets_of_notify_by_are_told_of_as_one(log_alert):
    monitor = log_alert(by=("cluster", "pod"), notify_by=("cluster",))
    assert told(monitor, STORY) == [
        (60, {"cluster": "a"}, "Triggered", "OK"),
        (60, {"cluster": "b"}, "Warn", "OK"),
        (300, {"cluster": "a"}, "Re-Triggered", "Alert"),
        (360, {"cluster": "a"}, "Warn", "Alert"),
        (420, {"cluster": "a"}, "Recovered", "Warn"),
    ]


@pytest.mark.parametrize("options", [{"notify_by": ("*",)}, {"groupby_simple_monitor": True}])
def test_a_star_makes_one_of_all(log_alert, options):
    monitor = log_alert(by=("cluster", "pod"), **options)
    assert told(monitor, STORY) == [
        (60, {}, "Triggered", "OK"),
        (300, {}, "Re-Triggered", "Alert"),
        (360, {}, "Warn", "Alert"),
    ]


def test_first_and_last_triggered_are_those_of_all_together(log_alert):
    monitor = log_alert(by=("cluster", "pod"), notify_by=("cluster",))
    merged = [t for t in NotifyBy(monitor).merge(STORY) if dict(t.group)["cluster"] == "a"]
    assert [(t.first_triggered_at, t.last_triggered_at) for t in merged] == [
        (60, 60), (60, 60), (60, 360), (60, 360),
    ]  # fmt: skip


def test_the_group_that_is_worst_speaks_for_all(log_alert):
    monitor = log_alert(by=("pod",), notify_by=("*",))

    def pod(name, source, destination, kind, value):
        return transition(source, destination, kind, value=value, group=(("pod", name),))

    merger = NotifyBy(monitor)
    first = [pod("1", "OK", "Warn", "Warn", 6.0), pod("2", "OK", "Alert", "Triggered", 99.0)]
    assert [(t.kind, t.value, t.group) for t in merger.merge(first)] == [("Triggered", 99.0, ())]
    second = [
        pod("1", "Warn", "Warn", "Re-Warn", 6.0),
        pod("2", "Alert", "Alert", "Re-Triggered", 98.0),
        pod("3", "Alert", "Alert", "Re-Triggered", 50.0),
    ]
    assert [(t.kind, t.value) for t in merger.merge(second)] == [("Re-Triggered", 98.0)]


def test_what_is_merged_in_parts_is_the_same(log_alert):
    monitor = log_alert(by=("cluster", "pod"), notify_by=("cluster",))
    merger = NotifyBy(monitor)
    parts = merger.merge(STORY[:3]) + merger.merge(STORY[3:8]) + merger.merge(STORY[8:])
    assert parts == NotifyBy(monitor).merge(STORY)
