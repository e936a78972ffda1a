from __future__ import annotations

import copy
import json
import re
import subprocess
import sys

import pytest
from datadog_api_client.configuration import Configuration
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v2.model.logs_metric_create_request import LogsMetricCreateRequest

from grantex_tui.datadog.check import check_texts
from grantex_tui.datadog.message import message_context, render, title
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.silence import Delivery
from grantex_tui.datadog.pipeline.attributes import read
from grantex_tui.datadog.search import compile_query
from grantex_tui.events.types import EVENT_TYPES
from grantex_tui.pack import MONITORS, metric_text, monitor_texts, pipeline_text
from tests.support.monitors import check_text, dump_monitor


TIMER = Delivery(batch_size=100, flush_interval=5.0)
LOG_MONITORS = tuple(name for name in MONITORS if name != "token-anomaly")


def unparsed(value):
    """Every part that Datadog's client could not read as what it should be."""
    if isinstance(value, list):
        return [found for item in value for found in unparsed(item)]
    store = getattr(value, "_data_store", None)
    here = [value] if getattr(value, "_unparsed", False) else []
    return here + [found for item in (store or {}).values() for found in unparsed(item)]


def as_datadogs_client_reads_it(obj, model=Monitor):
    return validate_and_convert_types(
        copy.deepcopy(obj), (model,), ["x"], True, True, Configuration()
    )


@pytest.mark.parametrize("name", MONITORS)
def test_datadogs_client_takes_it_whole_and_gives_it_back(objects, name):
    model = as_datadogs_client_reads_it(objects[name])
    assert unparsed(model) == []
    assert model.to_dict() == objects[name]


def test_the_clients_check_does_see_a_bad_monitor(objects):
    bad = objects["revocations"] | {"type": "log alarm"}
    assert unparsed(as_datadogs_client_reads_it(bad))


def test_the_metric_is_one_that_datadogs_client_takes(monitors):
    obj = json.loads(metric_text())
    model = as_datadogs_client_reads_it(obj, LogsMetricCreateRequest)
    assert unparsed(model) == []
    assert model.to_dict() == obj
    query = monitors["token-anomaly"].query
    assert query.band.metric.metric == obj["data"]["id"]
    tags = {group["tag_name"] for group in obj["data"]["attributes"]["group_by"]}
    assert query.band.metric.scope.partition(":")[0] in tags


def test_the_pack_passes_its_own_check():
    files = [*monitor_texts(), ("pipeline", pipeline_text()), ("metric", metric_text())]
    assert check_texts(files, known_types=EVENT_TYPES, delivery=TIMER) == []


def test_without_a_flush_timer_the_heartbeat_is_the_one_that_is_told_of():
    located = check_texts(monitor_texts(), known_types=EVENT_TYPES)
    assert [(x.path, x.problem.code) for x in located] == [("heartbeat", "heartbeat-batch")]


def test_alone_a_monitor_says_only_that_silence_needs_a_heartbeat_beside_it():
    for name, text in monitor_texts():
        located = check_text(text, path=name, known_types=EVENT_TYPES, delivery=TIMER)
        assert {x.problem.code for x in located} <= {"missing-data-hides-silence"}, name


@pytest.mark.parametrize("name", MONITORS)
def test_it_comes_back_as_it_is_and_its_query_is_canonical(monitors, objects, name):
    monitor = monitors[name]
    assert dump_monitor(monitor) == objects[name]
    assert monitor.query.text() == monitor.query_text
    assert monitor.options.renotify_occurrences == 3
    assert monitor.priority is not None
    assert "app:grantex" in monitor.tags


def test_names_tell_them_apart(monitors):
    names = [monitor.name for monitor in monitors.values()]
    assert len(set(names)) == len(names) == 9
    assert all(name.startswith("Grantex: ") for name in names)


DEEP = json.dumps(
    {
        "id": "evt_1",
        "type": "grant.created",
        "createdAt": "2026-11-24T02:55:33.261Z",
        "data": {
            "grantId": "grnt_deep", "agentId": "ag_1", "principalId": "user_1", "scopes": ["a"],
            "expiresAt": "2026-11-25T02:55:33.254Z", "delegationDepth": 3, "parentGrantId": "grnt_up",
        },
    }
)  # fmt: skip
COUNTED = {
    "revocations": {"grant.revoked"},
    "budget-exhausted": {"budget.exhausted"},
    "heartbeat": set(EVENT_TYPES),
    "delegation-depth": {"grant.created"},
    "cascade-revocations": {"grant.revoked"},
    "vault-exchange-burst": {"vault.credential.exchanged"},
    "anomaly-auto-revoked": {"anomaly.auto_revoked"},
    "consent-withdrawals": {"dpdp.consent.withdrawn"},
}


@pytest.mark.parametrize("name", LOG_MONITORS)
def test_it_counts_the_events_it_is_meant_for(monitors, logs, process, name):
    query = monitors[name].query
    assert isinstance(query, LogAlertQuery)
    matching = [log for log in [*logs, process(DEEP)] if compile_query(query.query.search)(log)]
    assert {log.attributes["type"] for log in matching} == COUNTED[name]


@pytest.mark.parametrize("name", LOG_MONITORS)
def test_every_event_it_counts_has_its_group(monitors, logs, process, name):
    query = monitors[name].query
    matches = compile_query(query.query.search)
    for log in filter(matches, [*logs, process(DEEP)]):
        for facet in query.group_by:
            assert read(log.attributes, facet.removeprefix("@")) is not None


def test_only_cascades_are_cascades_and_only_the_deep_are_deep(monitors, logs, process):
    def count(name, extra=()):
        return sum(map(compile_query(monitors[name].query.query.search), [*logs, *extra]))

    assert count("cascade-revocations") == 3
    assert count("delegation-depth") == 0
    assert count("delegation-depth", [process(DEEP)]) == 1


def sample(name, monitors, logs, process):
    """An event that the monitor counts, and the group it belongs to."""
    query = monitors[name].query
    if query.band is not None:
        return None, ()
    matches = compile_query(query.query.search)
    log = next(filter(matches, [process(DEEP), *logs]))
    values = [(facet, str(read(log.attributes, facet[1:]))) for facet in query.group_by]
    return log, tuple(values)


def transition(monitor, source, destination, kind, *, log=None, group=(), value=12.0):
    return message_context(
        monitor, source=source, destination=destination, kind=kind, at=1_795_490_000.0, value=value,
        group=group, log=log, first_triggered_at=1_795_489_700.0, last_triggered_at=1_795_489_700.0,
    )  # fmt: skip


@pytest.mark.parametrize("name", MONITORS)
def test_its_messages_help_whoever_is_paged(monitors, logs, process, name):
    monitor = monitors[name]
    log, group = sample(name, monitors, logs, process)
    alert = render(
        monitor.message, transition(monitor, "OK", "Alert", "Triggered", log=log, group=group)
    )
    for heading in ("**Look first:**", "**Likely causes:**", "**Do:**"):
        assert heading in alert.body
    assert not re.search(r"\(\)|: \.|  |\{\{|None|'s \.", alert.body.replace("\n\n", "\n")), (
        alert.body
    )
    assert all(value in alert.body for _, value in group)
    assert alert.recipients == ()
    recovered = render(
        monitor.message, transition(monitor, "Alert", "OK", "Recovered", group=group)
    )
    assert recovered.body
    assert "**Likely causes:**" not in recovered.body
    warning = render(
        monitor.message, transition(monitor, "OK", "Warn", "Warn", log=log, group=group)
    )
    assert bool(warning.body) is (monitor.options.thresholds.warning is not None)


def test_messages_name_only_types_that_exist(monitors):
    texts = " ".join(monitor.message for monitor in monitors.values())
    named = set(re.findall(r"type:([\w.]*\w)", texts))
    assert len(named) > 5
    assert named <= set(EVENT_TYPES)


LINK = (
    "https://app.datadoghq.com/logs?query=source%3Agrantex+%40grantex.event_type%3Agrant.revoked"
    "&from_ts=1795489700000&to_ts=1795490000000&live=false"
)


def test_the_revocation_monitor_word_by_word(monitors):
    monitor = monitors["revocations"]
    warning = transition(monitor, "OK", "Warn", "Warn", value=12.0)
    assert title(monitor, warning) == "[Warn] Grantex: many grants revoked"
    assert render(monitor.message, warning).body == (
        "12 grants were revoked in 5 minutes (more than 10): unusual, not yet an incident.\n\n"
        f"**Look first:** [these logs]({LINK}), or search `source:grantex type:grant.revoked`. "
        "Is it one agent or many?\n"
        "**Do:** watch it for some minutes; find the person or job that revokes. Above 50 this "
        "becomes an alert."
    )
    alert = transition(monitor, "Warn", "Alert", "Triggered", value=51.0)
    assert title(monitor, alert) == "[Triggered] Grantex: many grants revoked"
    assert render(monitor.message, alert).body == (
        "51 grants were revoked in 5 minutes (more than 50): an incident, or somebody answering one.\n\n"
        f"**Look first:** [these logs]({LINK}), or search `source:grantex type:grant.revoked` and "
        "group by grantex.cascade. A cascade revokes all descendants of a grant but sends one event, "
        "so more grants may be gone than the count says.\n"
        "**Likely causes:** a compromised agent being cut off; a script or deployment that revokes in "
        "a loop; an administrator removing a tenant's agents.\n"
        "**Do:** 1. Ask who is revoking (audit log of Grantex, on-call channel). 2. If nobody is: "
        "rotate the Grantex API keys and pause the agents concerned. 3. Check `source:grantex "
        "type:anomaly.auto_revoked`: automatic revocations have their own monitor."
    )
    recovery = transition(monitor, "Alert", "OK", "Recovered", value=0.0)
    assert title(monitor, recovery) == "[Recovered] Grantex: many grants revoked"
    assert render(monitor.message, recovery).body == (
        "Revocations are back to normal: 0 in the last 5 minutes, after 5 minutes. Grants stay "
        "revoked: agents that lost theirs need a new consent."
    )


def test_importing_the_pack_loads_no_parser():
    code = "import sys, grantex_tui.pack; print('yaml' in sys.modules, 'importlib.resources' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]
