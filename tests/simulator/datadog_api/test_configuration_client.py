"""Pipelines, log-based metrics and dashboards by the official client and what they do here."""

from __future__ import annotations

import copy
import json

import pytest
from datadog_api_client import Configuration
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.logs_pipelines_api import LogsPipelinesApi
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.dashboard_bulk_delete_request import DashboardBulkDeleteRequest
from datadog_api_client.v1.model.logs_pipeline import LogsPipeline
from datadog_api_client.v1.model.logs_pipelines_order import LogsPipelinesOrder
from datadog_api_client.v2.api.logs_metrics_api import LogsMetricsApi
from datadog_api_client.v2.model.logs_metric_create_request import LogsMetricCreateRequest
from datadog_api_client.v2.model.logs_metric_update_request import LogsMetricUpdateRequest


def model(kind, fields):
    made = validate_and_convert_types(fields, (kind,), ["x"], True, True, Configuration())
    assert not made._unparsed
    return made


def refusal(status, call, *args):
    with pytest.raises(ApiException) as refused:
        call(*args)
    assert refused.value.status == status
    return refused.value.body


def test_the_api_key_can_be_tried(client):
    assert AuthenticationApi(client).validate().valid is True
    client.configuration.api_key["appKeyAuth"] = "no matter"
    assert AuthenticationApi(client).validate().valid is True
    client.configuration.api_key["apiKeyAuth"] = "wrong"
    assert refusal(403, AuthenticationApi(client).validate) == {"errors": ["Forbidden"]}


# Pipelines.


def severity_pipeline(name, value, **more):
    fields = {
        "name": name,
        "is_enabled": True,
        "filter": {"query": "source:grantex"},
        "processors": [
            {
                "type": "string-builder-processor",
                "is_enabled": True,
                "template": value,
                "target": "severity",
            }
        ],
    }
    return fields | more


def test_a_pipeline_is_created_read_changed_and_deleted(client, payloads):
    api = LogsPipelinesApi(client)
    made = api.create_logs_pipeline(model(LogsPipeline, payloads["pipeline"]))
    assert (made.type, made.is_read_only, made.is_enabled) == ("pipeline", False, True)
    assert not made._unparsed
    assert api.get_logs_pipeline(made.id).to_dict() == made.to_dict()
    assert [each.id for each in api.list_logs_pipelines().value] == [made.id]
    bare = api.update_logs_pipeline(made.id, LogsPipeline(name="bare"))
    assert (bare.id, bare.name, bare.is_enabled, bare.processors) == (made.id, "bare", False, [])
    api.delete_logs_pipeline(made.id)
    assert api.list_logs_pipelines().value == []
    for call in (api.get_logs_pipeline, api.delete_logs_pipeline):
        body = refusal(400, call, made.id)
        assert body["error"]["code"] == "InvalidArgument"


def test_the_guide_s_json_mapper_is_no_processor(ask):
    sent = {"name": "p", "processors": [{"type": "json-mapper", "is_enabled": True}]}
    answer = ask("POST", "/api/v1/logs/config/pipelines", json=sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["message"]) == (
        400,
        "InvalidArgument",
        "Invalid Pipeline",
    )
    assert "json-mapper" in error["details"][0]["message"]
    assert "processors[0].type" in answer.headers["x-sim-reason"]


def test_processors_are_off_unless_they_say_otherwise(ask):
    remapper = {"type": "date-remapper", "sources": ["a"]}
    nested = {"type": "pipeline", "filter": {"query": "*"}, "processors": [remapper]}
    sent = {"name": "p", "processors": [remapper, nested]}
    told = ask("POST", "/api/v1/logs/config/pipelines", json=sent).json()
    assert told["is_enabled"] is False
    assert [each["is_enabled"] for each in told["processors"]] == [False, False]
    assert told["processors"][1]["processors"][0]["is_enabled"] is False


def severities(simulator):
    return [log.attributes.get("severity") for log in simulator.logs()]


def test_what_is_posted_takes_the_place_of_the_bundled_pipeline(simulator, client, send):
    api = LogsPipelinesApi(client)
    event = {"type": "grant.revoked"}
    send(event)
    made = api.create_logs_pipeline(model(LogsPipeline, severity_pipeline("p", "high")))
    send(event)
    api.delete_logs_pipeline(made.id)
    send(event)
    logs = simulator.logs()
    assert ["grantex" in log.attributes for log in logs] == [True, False, True]
    assert [log.attributes.get("severity") for log in logs] == [None, "high", None]
    assert [log.status for log in logs] == ["warn", "info", "warn"]


def test_pipelines_work_in_the_order_that_is_asked_for(simulator, client, send):
    api = LogsPipelinesApi(client)
    first, second = (
        api.create_logs_pipeline(model(LogsPipeline, severity_pipeline(name, name))).id
        for name in ("one", "two")
    )
    send({"type": "t"})
    assert api.get_logs_pipeline_order().pipeline_ids == [first, second]
    api.update_logs_pipeline_order(LogsPipelinesOrder([second, first]))
    send({"type": "t"})
    assert severities(simulator) == ["two", "one"]
    assert [each.name for each in api.list_logs_pipelines().value] == ["two", "one"]
    refusal(422, api.update_logs_pipeline_order, LogsPipelinesOrder([second]))


# Log-based metrics.


def test_a_metric_is_created_read_changed_and_deleted(client, payloads):
    api = LogsMetricsApi(client)
    sent = payloads["logs_metric_for_anomaly"]
    made = api.create_logs_metric(model(LogsMetricCreateRequest, sent))
    assert not made._unparsed
    name = made.data.id
    assert name == sent["data"]["id"]
    assert api.get_logs_metric(name).to_dict() == made.to_dict()
    assert [each.id for each in api.list_logs_metrics().data] == [name]
    conflict = refusal(409, api.create_logs_metric, model(LogsMetricCreateRequest, sent))
    assert "a metric already exists with that name" in conflict["errors"][0]
    change = {"data": {"type": "logs_metrics", "attributes": {"filter": {"query": "type:a"}}}}
    changed = api.update_logs_metric(name, model(LogsMetricUpdateRequest, change))
    assert changed.data.attributes.filter.query == "type:a"
    assert changed.data.attributes.group_by == made.data.attributes.group_by
    api.delete_logs_metric(name)
    with pytest.raises(NotFoundException):
        api.get_logs_metric(name)
    assert api.list_logs_metrics().data == []


def metric(**changes):
    attributes = {
        "compute": {"aggregation_type": "distribution", "path": "@ms"},
        "filter": {"query": "a"},
        "group_by": [{"path": "@b"}],
    }
    return {"data": {"type": "logs_metrics", "id": "a.b", "attributes": attributes | changes}}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "data.type"),
        ({"data": {"type": "logs_metrics", "id": "1x"}}, "data.id"),
        (metric(compute={}), "data.attributes.compute.aggregation_type"),
        (metric(compute={"aggregation_type": "sum"}), "data.attributes.compute.aggregation_type"),
        (metric(compute={"aggregation_type": "distribution"}), "data.attributes.compute.path"),
        (
            metric(compute={"aggregation_type": "count", "path": "@a"}),
            "data.attributes.compute.path",
        ),
        (metric(filter={"query": "("}), "data.attributes.filter.query"),
        (metric(group_by=[{}]), "data.attributes.group_by.0.path"),
    ],
)
def test_what_is_no_metric_is_refused_naming_the_field(ask, sent, field):
    answer = ask("POST", "/api/v2/logs/config/metrics", json=sent)
    assert answer.status_code == 400
    assert f"Field '{field}' is invalid" in answer.json()["errors"][0]


def test_a_distribution_is_filled_with_defaults_and_keeps_its_measure(ask):
    told = ask("POST", "/api/v2/logs/config/metrics", json=metric()).json()
    attributes = told["data"]["attributes"]
    assert attributes["compute"]["include_percentiles"] is False
    assert attributes["group_by"] == [{"path": "@b", "tag_name": "b"}]
    path = "/api/v2/logs/config/metrics/a.b"
    change = metric(compute={"include_percentiles": True})
    del change["data"]["attributes"]["group_by"]
    told = ask("PATCH", path, json=change).json()
    assert told["data"]["attributes"]["compute"] == {
        "aggregation_type": "distribution",
        "path": "@ms",
        "include_percentiles": True,
    }
    change = metric(compute={"path": "@other"})
    assert ask("PATCH", path, json=change).status_code == 400


def test_an_anomaly_monitor_has_no_data_until_its_metric_exists(
    simulator, ask, payloads, clock, send
):
    monitor = ask("POST", "/api/v1/monitor", json=payloads["monitor_anomaly"]).json()
    path = f"/api/v1/monitor/{monitor['id']}?group_states=all"
    clock.advance(600)
    assert "state" not in ask("GET", path).json()
    ask("POST", "/api/v2/logs/config/metrics", json=payloads["logs_metric_for_anomaly"])
    assert "state" in ask("GET", path).json()
    send({"type": "token.issued"})
    clock.advance(600)
    assert ask("GET", path).json()["overall_state"] in ("No Data", "OK")
    ask(
        "DELETE", f"/api/v2/logs/config/metrics/{payloads['logs_metric_for_anomaly']['data']['id']}"
    )
    assert "state" not in ask("GET", path).json()


# Dashboards.


def test_a_dashboard_is_created_listed_changed_and_deleted(client, payloads):
    api = DashboardsApi(client)
    made = api.create_dashboard(model(Dashboard, payloads["dashboard"]))
    assert not made._unparsed
    assert api.get_dashboard(made.id).to_dict() == made.to_dict()
    assert len(made.id.split("-")) == 3
    assert made.url.startswith(f"/dashboard/{made.id}/")
    ids = [widget.id for widget in made.widgets]
    assert len({*ids}) == len(payloads["dashboard"]["widgets"])
    (listed,) = api.list_dashboards().dashboards
    assert (listed.id, listed.title) == (made.id, payloads["dashboard"]["title"])
    again = api.update_dashboard(made.id, made)
    assert again.to_dict() == made.to_dict()
    assert api.delete_dashboard(made.id).deleted_dashboard_id == made.id
    with pytest.raises(NotFoundException) as missing:
        api.get_dashboard(made.id)
    assert missing.value.body == {"errors": [f"Dashboard with ID {made.id} not found"]}


def test_several_dashboards_are_deleted_at_once_or_none(client, payloads, ask):
    api = DashboardsApi(client)
    ids = [api.create_dashboard(model(Dashboard, payloads["dashboard"])).id for _ in range(3)]
    assert len({*ids}) == 3
    page = ask("GET", "/api/v1/dashboard?start=1&count=1").json()["dashboards"]
    assert [each["id"] for each in page] == [ids[1]]
    several = {"data": [{"id": ids[0], "type": "dashboard"}, {"id": ids[1], "type": "dashboard"}]}
    api.delete_dashboards(model(DashboardBulkDeleteRequest, several))
    assert [each.id for each in api.list_dashboards().dashboards] == ids[2:]
    several["data"][0]["id"] = ids[2]
    refusal(404, api.delete_dashboards, model(DashboardBulkDeleteRequest, several))
    assert [each.id for each in api.list_dashboards().dashboards] == ids[2:]


def widget(kind="note", **definition):
    return {"definition": {"type": kind, **definition}}


LOGS = {"data_source": "logs", "name": "q", "compute": {"aggregation": "count"}}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"title": None}, "'title'"),
        ({"layout_type": "grid"}, "'layout_type'"),
        ({"widgets": None}, "'widgets'"),
        ({"tags": ["env:a"]}, "Invalid tag format. Valid tag keys are: team."),
        ({"tags": ["team:a"] * 6}, "at most 5 tags"),
        ({"template_variables": {}}, "'template_variables'"),
        ({"reflow_type": "some"}, "'reflow_type'"),
        ({"layout_type": "free", "reflow_type": "auto"}, "'reflow_type'"),
        ({"layout_type": "free"}, "position 0. Error: 'layout' is a required property"),
        ({"reflow_type": "fixed"}, "position 0. Error: 'layout' is a required property"),
        ({"widgets": [{}]}, "'definition' is a required property"),
        ({"widgets": [widget(), "x"]}, "position 1"),
        ({"widgets": [widget("clock")]}, "'clock' is no type of widget"),
        ({"widgets": [widget("timeseries")]}, "of type timeseries. Error: 'requests'"),
        ({"widgets": [widget("timeseries", requests=["x"])]}, "not of type object"),
        ({"widgets": [widget("toplist", requests=[{}, {}])]}, "2 requests are not one"),
        ({"widgets": [widget("list_stream", requests=[{}])]}, "'columns'"),
        ({"widgets": [widget("query_value", requests=[{"queries": {}}])]}, "'queries'"),
        ({"widgets": [widget("query_value", requests=[{"queries": [LOGS]}])]}, "'response_format'"),
        (
            {
                "widgets": [
                    widget(
                        "query_value",
                        requests=[
                            {"response_format": "scalar", "queries": [{"data_source": "logs"}]}
                        ],
                    )
                ]
            },
            "'name'",
        ),
        ({"widgets": [widget("group", layout_type="ordered")]}, "a group needs 'widgets'"),
        (
            {"widgets": [widget("group", layout_type="ordered", widgets=[widget("clock")])]},
            "at inner position 0",
        ),
    ],
)
def test_what_is_no_dashboard_is_refused_naming_the_widget(ask, changes, text):
    sent = {"title": "t", "layout_type": "ordered", "widgets": [widget()], **changes}
    answer = ask("POST", "/api/v1/dashboard", json=sent)
    assert (answer.status_code, [*answer.json()]) == (400, ["errors"])
    assert text in answer.json()["errors"][0]


def test_inner_widgets_have_ids_as_well_and_nothing_sent_is_lost(ask, payloads):
    sent = copy.deepcopy(payloads["dashboard"])
    sent["widgets"].append(widget("group", layout_type="ordered", widgets=[widget()]))
    told = ask("POST", "/api/v1/dashboard", json=sent).json()
    inner = told["widgets"][-1]["definition"]["widgets"]
    assert inner[0].pop("id") != told["widgets"][-1]["id"]
    for each in told["widgets"]:
        del each["id"]
    for each in sent["widgets"]:
        each.pop("id", None)
    assert json.dumps(told["widgets"]) == json.dumps(sent["widgets"])
