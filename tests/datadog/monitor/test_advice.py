from __future__ import annotations

import json

import pytest

from grantex_tui.datadog.check import check_texts
from grantex_tui.datadog.monitor.silence import Delivery
from grantex_tui.events.types import EVENT_TYPES
from tests.support.monitors import check_text


HEARTBEAT = 'logs("source:grantex").index("*").rollup("count").last("15m") < 1'
RECOVERS = "{{#is_alert}}a{{/is_alert}}{{#is_recovery}}r{{/is_recovery}}"
TIMER = Delivery(batch_size=100, flush_interval=5.0)


@pytest.fixture
def quiet(monitor):
    """A monitor without any advice (a heartbeat watches beside it), with changes."""

    def build(options=None, **changes):
        base = monitor(options, message=RECOVERS)
        return base | changes

    return build


@pytest.fixture
def advice(monitor):
    """The problems of an object; *alone* without a heartbeat in another file."""

    def build(obj, *, alone=False, delivery=TIMER):
        heartbeat = monitor({"thresholds": {"critical": 1}}, query=HEARTBEAT, message=RECOVERS)
        files = [("m.json", json.dumps(obj))]
        files += [] if alone else [("heartbeat.json", json.dumps(heartbeat))]
        found = check_texts(files, known_types=EVENT_TYPES, delivery=delivery)
        return [located.problem for located in found if located.path == "m.json"]

    return build


def codes(problems):
    return [problem.code for problem in problems]


def logs(search="source:grantex", *, by="", method='"count"', window="5m", tail="> 50"):
    grouped = f'.by("{by}")' if by else ""
    return f'logs("{search}").index("*").rollup({method}){grouped}.last("{window}") {tail}'


def test_a_sound_monitor_has_none(advice, quiet):
    assert advice(quiet()) == []


@pytest.mark.parametrize(
    ("delivery", "says"),
    [
        (Delivery(), "sends batches of 100 without a timer"),
        (Delivery(batch_size=500, flush_interval=0), "sends batches of 500 without a timer"),
        (Delivery(flush_interval=900), "a timer of 900 s delivers less often"),
        (Delivery(flush_interval=5), ""),
        (Delivery(flush_interval=899), ""),
    ],
)
def test_a_heartbeat_that_a_batch_without_timer_sets_off(advice, quiet, delivery, says):
    obj = quiet({"thresholds": {"critical": 1}}, query=HEARTBEAT)
    problems = [p for p in advice(obj, delivery=delivery) if p.code == "heartbeat-batch"]
    assert len(problems) == bool(says)
    assert all(says in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (logs(), {}),
        (logs(window="15m", tail="< 1"), {"on_missing_data": "resolve"}),
        (logs(window="15m", tail="< 1", by="host"), {}),
        (logs(window="15m", tail="< 1", method='"avg", "@x"'), {}),
    ],
)
def test_what_is_no_heartbeat(advice, quiet, query, options):
    threshold = 50 if "50" in query else 1
    obj = quiet({"thresholds": {"critical": threshold}, **options}, query=query)
    assert "heartbeat-batch" not in codes(advice(obj, delivery=Delivery()))


@pytest.mark.parametrize(("tail", "expected"), [("< 50", True), ("<= 50", True), ("> 50", False)])
def test_a_grouped_below_can_not_see_one_group_go_silent(advice, quiet, tail, expected):
    obj = quiet({"thresholds": {"critical": 50}}, query=logs(by="host", tail=tail))
    assert ("grouped-below" in codes(advice(obj))) is expected


@pytest.mark.parametrize(
    ("tail", "missing", "expected"),
    [
        ("< 50", "default", True),
        ("<= 50", "resolve", True),
        ("< 50", "show_no_data", False),
        ("> 50", "default", False),
    ],
)
def test_under_less_than_a_group_that_goes_silent_recovers(advice, quiet, tail, missing, expected):
    options = {"thresholds": {"critical": 50}, "on_missing_data": missing}
    obj = quiet(options, query=logs(by="host", tail=tail))
    assert ("silence-recovers" in codes(advice(obj))) is expected
    assert "silence-recovers" not in codes(advice(quiet(options, query=logs(tail=tail))))


@pytest.mark.parametrize(
    ("query", "missing", "alone", "expected"),
    [
        (logs(), "default", True, True),
        (logs(), "default", False, False),
        (logs(), "show_and_notify_no_data", True, False),
        (logs(), "show_no_data", True, False),
        (logs(by="host"), "default", True, True),
        (logs(method='"avg", "@x"'), "default", False, True),
        (logs(method='"avg", "@x"'), "show_and_notify_no_data", False, False),
        (logs(tail="< 50"), "default", True, False),
    ],
)
def test_default_missing_data_hides_silence(advice, quiet, query, missing, alone, expected):
    options = {"on_missing_data": missing, "thresholds": {"critical": 50}}
    found = codes(advice(quiet(options, query=query), alone=alone))
    assert ("missing-data-hides-silence" in found) is expected


def test_missing_data_said_twice(advice, quiet):
    assert codes(advice(quiet({"notify_no_data": True}))) == ["no-data-twice"]


@pytest.mark.parametrize(
    ("window", "delay", "delivery", "expected"),
    [
        ("1m", 0, TIMER, True),
        ("5m", 0, TIMER, False),
        ("3m", 0, TIMER, True),
        ("1m", 300, TIMER, False),
        ("5m", 0, Delivery(flush_interval=600), True),
    ],
)
def test_a_window_shorter_than_the_way_of_a_log(advice, quiet, window, delay, delivery, expected):
    obj = quiet({"evaluation_delay": delay}, query=logs(window=window))
    assert ("window-shorter-than-delay" in codes(advice(obj, delivery=delivery))) is expected


@pytest.mark.parametrize(
    ("search", "code", "fix"),
    [
        ("source:grantex type:grant.revoked", "tag-for-attribute", "@grantex.event_type:"),
        ("source:grantex (type:grant.* OR -type:token.issued)", "tag-for-attribute", "@grantex.event_type:"),
        ("source:grantex grantex.grant_id:x", "tag-for-attribute", "@grantex.grant_id:"),
        ("source:grantex data.cascade:true", "tag-for-attribute", "@data.cascade:"),
        ("source:grantex @type:grant.revoked", "attribute-for-tag", "@grantex.event_type:"),
        ("@source:grantex", "attribute-for-tag", "write source:"),
        ("source:grantex @status:error", "attribute-for-tag", "write status:"),
        ("source:grantex @grantex.event_type:grant.revoke", "unknown-event-type", "'grant.revoked'"),
        ("source:grantex @grantex.event_type:(token.issued OR anomaly.detected)", "unknown-event-type", "'anomaly.auto_revoked'"),
        ("source:grantex @grantex.event_type:budgets.*", "unknown-event-type", "'budget.*'"),
        ("source:grantex -@grantex.event_type:GRANT.REVOKED", "unknown-event-type", "'grant.revoked'"),
    ],
)  # fmt: skip
def test_searches_that_can_hardly_be_meant(advice, quiet, search, code, fix):
    problems = advice(quiet(query=logs(search)))
    assert codes(problems) == [code]
    assert fix in problems[0].fix


@pytest.mark.parametrize(
    "search",
    [
        "source:grantex service:grantex env:prod host:x status:error",
        "source:grantex @grantex.event_type:(grant.* OR *.issued OR b?dget.exhausted)",
        "source:grantex @grantex.event_type:* @data.delegationDepth:>=3",
        "source:grantex @data.type:complaint @env:prod",
        "words in a message",
        "*",
    ],
)
def test_searches_that_are_fine(advice, quiet, search):
    assert advice(quiet(query=logs(search))) == []


@pytest.mark.parametrize("index", ["main", "main,audit"])
def test_a_monitor_on_one_index_is_told_that_here_every_log_counts(advice, quiet, index):
    query = logs("source:grantex").replace('index("*")', f'index("{index}")')
    (problem,) = advice(quiet(query=query))
    assert problem.code == "one-index"
    assert "every log counts" in problem.message


def test_the_nearest_event_type_is_a_tag_in_any_case(advice, quiet):
    assert codes(advice(quiet(query=logs("type:Grant.Revoked")))) == ["tag-for-attribute"]


def test_facets_are_looked_at_as_well(advice, quiet):
    assert codes(advice(quiet(query=logs(by="type")))) == ["tag-for-attribute"]
    assert codes(advice(quiet(query=logs(by="@service")))) == ["attribute-for-tag"]


def test_the_searches_of_a_formula_have_places_of_their_own(advice, quiet, payloads):
    variables = json.loads(json.dumps(payloads["monitor_two_queries"]["options"]["variables"]))
    variables[1]["search"]["query"] = "source:grantex type:grant.created"
    query = 'formula("a / b").last("15m") > 50'
    [problem] = advice(quiet({"variables": variables}, query=query))
    assert problem.code == "tag-for-attribute"
    assert problem.where == "options.variables[1].search.query"


@pytest.mark.parametrize(
    ("search", "by", "expected"),
    [
        ("@grantex.event_type:budget.exhausted", "@grantex.agent_id", True),
        ("@grantex.event_type:budget.*", "@data.agentId", True),
        ("-@grantex.event_type:(grant.created OR token.issued OR passport.issued OR consent_bundle.created)", "@grantex.agent_id", True),
        ("@grantex.event_type:token.issued", "@grantex.agent_id", False),
        ("@grantex.event_type:(budget.exhausted OR grant.created)", "@grantex.agent_id", False),
        ("source:grantex", "@grantex.agent_id", False),
        ("@grantex.event_type:budget.exhausted", "@grantex.grant_id", False),
    ],
)  # fmt: skip
def test_a_group_that_no_event_of_the_search_can_fill(advice, quiet, search, by, expected):
    obj = quiet(query=logs(search, by=by))
    assert ("group-never-filled" in codes(advice(obj))) is expected


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("type:token.issued", "tag-of-metric"),
        ("@grantex.event_type:token.issued", "tag-of-metric"),
        ("event_type:token.isued", "unknown-event-type"),
        ("event_type:token.*,!env:dev", None),
        ("*", None),
    ],
)
def test_the_scope_of_a_metric(advice, anomaly, scope, code):
    obj = anomaly(message=RECOVERS)
    obj["query"] = obj["query"].replace("event_type:token.issued", scope)
    assert codes(advice(obj)) == ([code] if code else [])


BLOCKS = "{{#is_recovery}}r{{/is_recovery}}"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("{{#is_warning_to_alert}}x{{/is_warning_to_alert}}" + BLOCKS, ["is-warning-to-alert"]),
        ("{{#is_alrt}}x{{/is_alrt}}" + BLOCKS, ["unknown-block"]),
        ("Look! " + RECOVERS, ["text-outside-blocks"]),
        ("@slack-x " + RECOVERS, ["text-outside-blocks", "handles-outside-blocks"]),
        ("@slack-x {{#is_alert}}@slack-y{{/is_alert}}" + BLOCKS, ["text-outside-blocks"]),
        ("{{#is_alert}}@slack-x{{/is_alert}}" + BLOCKS, []),
        ("{{#is_alert}}{{env.name}}{{/is_alert}}" + BLOCKS, ["unknown-variable"]),
        ("{{#is_alert}}x{{/is_alert}}", ["no-recovery-text"]),
        ("{{#is_alert}}x{{else}}y{{/is_alert}}", []),
        ("{{#is_alert}}x{{/is_alert}}{{^is_alert}}y{{/is_alert}}", []),
        ("", ["empty-message"]),
    ],
)
def test_messages(advice, quiet, message, found):
    assert codes(advice(quiet(message=message))) == found


def test_is_warning_to_alert_is_an_error_with_the_way_out(advice, quiet):
    [problem] = advice(quiet(message="{{#is_warning_to_alert}}x{{/is_warning_to_alert}}" + BLOCKS))
    assert problem.severity == "error"
    assert "{{#is_alert}}" in problem.fix


def test_names_and_escalations_are_templates_too(advice, quiet):
    obj = quiet({"escalation_message": "{{team.name}}"}, name="{{valu}}")
    found = [(problem.code, problem.where) for problem in advice(obj)]
    assert found == [
        ("unknown-variable", "name"),
        ("unknown-variable", "options.escalation_message"),
    ]


def test_renotify_without_a_cap(advice, quiet):
    [problem] = advice(quiet({"renotify_interval": 30, "renotify_occurrences": None}))
    assert problem.code == "renotify-uncapped"
    assert "sends 96 of them" in problem.message


def test_recovery_thresholds_of_log_monitors_are_not_documented(advice, quiet):
    obj = quiet({"thresholds": {"critical": 50, "critical_recovery": 40}})
    assert codes(advice(obj)) == ["recovery-threshold-unconfirmed"]
    obj = quiet({"thresholds": {"critical": 50, "critical_recovery": 40, "warning": 10}})
    assert codes(advice(obj)) == ["recovery-threshold-unconfirmed", "recovery-ignored-with-warning"]


@pytest.mark.parametrize(
    ("thresholds", "code"),
    [
        ({"critical": 50, "critical_recovery": 60}, "recovery-inside-alert"),
        ({"critical": 50, "warning": 60}, "warning-after-critical"),
        ({"critical": 5}, "threshold-mismatch"),
    ],
)
def test_thresholds_that_datadog_refuses_are_errors(advice, quiet, thresholds, code):
    errors = [p for p in advice(quiet({"thresholds": thresholds})) if p.severity == "error"]
    assert codes(errors) == [code]


def test_advice_stands_beside_an_error_of_the_thresholds(advice, quiet):
    obj = quiet({"thresholds": {"critical": 50, "warning": 60}})
    found = advice({**obj, "message": "to everybody, always"})
    assert {"warning-after-critical", "text-outside-blocks"} <= set(codes(found))


def test_every_problem_says_rule_and_fix(monitor):
    obj = monitor(
        {"renotify_occurrences": None},
        message="@x {{nope}}",
        query=logs("type:nope", by="@source", window="1m"),
    )
    found = check_text(json.dumps(obj), path="m", known_types=EVENT_TYPES)
    assert len(found) >= 7
    assert all(located.problem.rule and located.problem.fix for located in found)
