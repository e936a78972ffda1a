"""What the API fills in, renames and refuses, as the real one was recorded to do."""

from __future__ import annotations

import pytest


QUERY = 'logs("service:shop").index("*").rollup("count").last("5m") > 7'
ROOT = "/api/v1"


def posted(ask, path, sent):
    answer = ask("POST", path, json=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(answer, status=400):
    assert answer.status_code == status, answer.text
    return answer.json()["errors"]


def monitor(**changes):
    return {"type": "log alert", "query": QUERY, "message": "m", "name": "shop is busy", **changes}


class TestMonitors:
    def test_a_bare_one_is_told_with_what_datadog_fills_in(self, ask):
        told = posted(ask, f"{ROOT}/monitor", monitor())
        assert told["options"] == {
            "notify_audit": False,
            "notify_no_data": False,
            "include_tags": True,
            "new_host_delay": 300,
            "groupby_simple_monitor": False,
            "silenced": {},
            "thresholds": {"critical": 7.0},
        }
        filled = ("restriction_policy", "draft_status", "assets", "restricted_roles", "priority")
        assert [told[key] for key in filled] == [None, "published", [], None, None]

    def test_what_was_sent_stays(self, ask):
        options = {"include_tags": False, "new_group_delay": 60, "on_missing_data": "default"}
        told = posted(ask, f"{ROOT}/monitor", monitor(options=options, draft_status="draft"))
        assert told["draft_status"] == "draft"
        assert options.items() <= told["options"].items()
        assert not {"new_host_delay", "notify_no_data"} & told["options"].keys()

    def test_assets_say_whose_they_are(self, ask):
        asset = {"name": "Runbook", "category": "runbook", "url": "/notebooks/7"}
        told = posted(ask, f"{ROOT}/monitor", monitor(assets=[asset]))
        added = {"monitor_id": told["id"], "template_variables": {}, "options": {}}
        assert told["assets"] == [asset | added]
        assert ask("GET", f"{ROOT}/monitor/{told['id']}").json()["assets"] == told["assets"]

    @pytest.mark.parametrize(("by", "multi"), [("", False), (" by {host}", True)])
    def test_one_that_is_not_evaluated_here_is_multi_by_its_query(self, ask, by, multi):
        query = f"avg(last_5m):avg:system.load.1{{*}}{by} > 4"
        told = posted(ask, f"{ROOT}/monitor", monitor(type="metric alert", query=query))
        assert told["multi"] is multi
        assert "groupby_simple_monitor" not in told["options"]

    @pytest.mark.parametrize("path", ["monitor", "monitor/validate"])
    def test_a_query_that_compares_with_nothing_is_refused_in_datadog_s_words(self, ask, path):
        answer = ask("POST", f"{ROOT}/{path}", json=monitor(query="anything"))
        text = "The value provided for parameter 'query' is invalid: invalid operator specified: "
        assert refusal(answer) == [text]

    @pytest.mark.parametrize("path", ["monitor", "monitor/{}"])
    def test_a_state_that_there_is_not_is_no_filter(self, ask, path):
        number = posted(ask, f"{ROOT}/monitor", monitor())["id"]
        path = f"{ROOT}/{path.format(number)}"
        answer = ask("GET", path, params={"group_states": "alert,burning"})
        assert refusal(answer) == ["Invalid group_state filters."]
        known = ask("GET", path, params={"group_states": "Alert, No Data,warn,all"})
        assert known.status_code == 200

    @pytest.mark.parametrize("path", ["search", "groups/search"])
    def test_a_search_for_a_state_that_there_is_not_is_refused(self, ask, path):
        asked = {"query": "shop -status:(alert OR burning)"}
        answer = ask("GET", f"{ROOT}/monitor/{path}", params=asked)
        text = "Query parsing error: 'burning' is not a valid monitor status"
        assert refusal(answer) == [text]
        for query in ('status:"no data"', "status:OK", "status:*", "burning"):
            found = ask("GET", f"{ROOT}/monitor/{path}", params={"query": query})
            assert found.status_code == 200

    def test_groups_are_counted_by_tag_and_by_whether_they_are_muted(self, ask, clock):
        options = {"silenced": {"*": None}}
        posted(ask, f"{ROOT}/monitor", monitor(tags=["team:a"], options=options))
        clock.advance(120)
        counts = ask("GET", f"{ROOT}/monitor/groups/search").json()["counts"]
        assert counts["muted"] == [{"name": True, "count": 1}]
        assert counts["tag"] == [{"name": "team:a", "count": 1}]


def test_what_a_metric_s_name_cannot_hold_becomes_an_underscore(ask):
    root = "/api/v2/logs/config/metrics"
    attributes = {"compute": {"aggregation_type": "count"}, "filter": {"query": "a"}}
    sent = {"data": {"type": "logs_metrics", "id": "shop-7.sales by-day", "attributes": attributes}}
    assert posted(ask, root, sent)["data"]["id"] == "shop_7.sales_by_day"
    assert ask("POST", root, json=sent).status_code == 409
    for name in ("shop-7.sales by-day", "shop_7.sales_by_day"):
        assert ask("GET", f"{root}/{name}").json()["data"]["id"] == "shop_7.sales_by_day"
    changed = {"data": {"type": "logs_metrics", "attributes": {"filter": {"query": "b"}}}}
    assert ask("PATCH", f"{root}/shop-7.sales_by_day", json=changed).status_code == 200
    assert len(ask("GET", root).json()["data"]) == 1
    assert ask("DELETE", f"{root}/shop-7.sales_by_day").status_code == 204
    assert ask("GET", root).json() == {"data": []}
    sent["data"]["id"] = "7-up"
    assert "data.id" in refusal(ask("POST", root, json=sent))[0]


def test_a_processor_tells_the_options_that_were_left_out(ask):
    remapper = {"type": "attribute-remapper", "sources": ["a"], "target": "b", "is_enabled": True}
    builder = {"type": "string-builder-processor", "template": "%{a}", "target": "c"}
    inner = {"type": "pipeline", "filter": {"query": "*"}, "processors": [builder]}
    sent = {"name": "p", "filter": {"query": "*"}, "processors": [remapper, inner]}
    first, second = posted(ask, f"{ROOT}/logs/config/pipelines", sent)["processors"]
    options = {
        "source_type": "attribute",
        "target_type": "attribute",
        "preserve_source": False,
        "override_on_conflict": False,
    }
    assert first == remapper | options
    assert second["processors"] == [builder | {"is_enabled": False, "is_replace_missing": False}]


class TestDashboards:
    @staticmethod
    def dashboard(**changes):
        return {"title": "t", "layout_type": "ordered", "widgets": [], **changes}

    def test_an_empty_title_is_one(self, ask):
        told = posted(ask, f"{ROOT}/dashboard", self.dashboard(title=""))
        assert (told["title"], told["template_variables"], told["notify_list"]) == ("", None, None)

    @pytest.mark.parametrize("kind", ["sankey", "point_plot", "retention_curve"])
    def test_newer_widgets_are_known(self, ask, kind):
        widgets = [{"definition": {"type": kind, "requests": [{"request_type": kind}]}}]
        posted(ask, f"{ROOT}/dashboard", self.dashboard(widgets=widgets))

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"default": "a", "defaults": ["a"]}, "'template_variables' is invalid"),
            ({"name": ""}, "'template_variables' is invalid"),
            ({"defaults": [""]}, "Minimum length of parameter 'defaults' should be 1"),
            (
                {"available_values": ["a", ""]},
                "Minimum length of parameter 'available_values' should be 1",
            ),
            ({"defaults": "a"}, "Parameter 'defaults' must be a list of texts"),
            ({"defaults": [1]}, "Parameter 'defaults' must be a list of texts"),
            ({"default": "a"}, None),
            ({"defaults": []}, None),
            ({"default": None, "defaults": ["a", "b"]}, None),
        ],
    )
    def test_template_variables(self, ask, changes, text):
        variable = {"name": "env", "prefix": "env", **changes}
        answer = ask(
            "POST", f"{ROOT}/dashboard", json=self.dashboard(template_variables=[variable])
        )
        assert answer.status_code == 200 if text is None else refusal(answer) == [text]

    @pytest.mark.parametrize(
        ("variable", "text"),
        [
            (
                {"name": "e", "value": "", "values": []},
                "'template_variables' value '{'name': 'e', 'value': '', 'values': []}' is invalid",
            ),
            ("env", "'template_variables' value 'env' is invalid"),
            (
                {"name": "env", "values": []},
                "Minimum number of elements in parameter 'values' should be 1",
            ),
            ({"name": "env", "values": [""]}, "Minimum length of parameter 'values' should be 1"),
            ({"name": "env", "values": ["a", "b"]}, None),
            ({"name": "env", "value": "a"}, None),
        ],
    )
    def test_presets(self, ask, variable, text):
        presets = [{"name": "mine", "template_variables": [variable]}]
        sent = self.dashboard(template_variable_presets=presets)
        answer = ask("POST", f"{ROOT}/dashboard", json=sent)
        assert answer.status_code == 200 if text is None else refusal(answer) == [text]

    def test_a_list_says_since_when_one_is_deleted(self, ask):
        identity = posted(ask, f"{ROOT}/dashboard", self.dashboard())["id"]

        def listed(deleted):
            asked = {"filter[deleted]": deleted}
            return ask("GET", f"{ROOT}/dashboard", params=asked).json()["dashboards"]

        assert [each["deleted_at"] for each in listed("false")] == [None]
        ask("DELETE", f"{ROOT}/dashboard/{identity}")
        assert [each["deleted_at"][:10] for each in listed("true")] == ["2026-03-02"]
        ask("PATCH", f"{ROOT}/dashboard", json={"data": [{"id": identity, "type": "dashboard"}]})
        assert "deleted_at" not in ask("GET", f"{ROOT}/dashboard/{identity}").json()


class TestSharedDashboards:
    @pytest.fixture
    def dashboard(self, ask):
        sent = {"title": "Grants", "layout_type": "ordered", "widgets": []}
        return posted(ask, f"{ROOT}/dashboard", sent)["id"]

    def share(self, dashboard, **changes):
        return {"dashboard_id": dashboard, "dashboard_type": "custom_timeboard", **changes}

    def test_one_is_shared_read_changed_and_withdrawn(self, ask, dashboard):
        root = f"{ROOT}/dashboard/public"
        told = posted(ask, root, self.share(dashboard, share_type="open"))
        assert (told["title"], told["status"], told["invitees"]) == ("Grants", "active", [])
        assert told["public_url"].endswith(told["token"])
        one = f"{root}/{told['token']}"
        assert ask("GET", one).json() == told
        invited = {"share_type": "invite", "share_list": ["a@example.com"]}
        changed = ask("PUT", one, json=invited).json()
        assert [each["email"] for each in changed["invitees"]] == ["a@example.com"]
        assert changed["session_duration_in_days"] == 30
        assert ask("DELETE", one).json() == {"deleted_public_dashboard_token": told["token"]}
        assert ask("GET", one).status_code == 404

    def test_it_goes_with_its_dashboard(self, ask, dashboard):
        token = posted(ask, f"{ROOT}/dashboard/public", self.share(dashboard))["token"]
        ask("DELETE", f"{ROOT}/dashboard/{dashboard}")
        assert ask("GET", f"{ROOT}/dashboard/public/{token}").status_code == 404

    @pytest.mark.parametrize(
        ("changes", "status", "text"),
        [
            ({"dashboard_id": "aaa-bbb-ccc"}, 404, "custom_timeboard aaa-bbb-ccc not found"),
            ({"dashboard_id": ""}, 400, "'dashboard_id' is a required property"),
            ({"dashboard_type": None}, 400, "'dashboard_type' is a required property"),
            ({"dashboard_type": "list"}, 400, "'list' is not one of"),
            ({"share_type": "all"}, 400, "'all' is not one of"),
            ({"share_list": "a@example.com"}, 400, "a list is expected"),
        ],
    )
    def test_what_cannot_be_shared_is_refused(self, ask, dashboard, changes, status, text):
        answer = ask("POST", f"{ROOT}/dashboard/public", json=self.share(dashboard) | changes)
        assert text in refusal(answer, status)[0]
