from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.kinds.formula import FormulaQuery
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import Options, Thresholds
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.errors import InvalidFileError
from tests.support.monitors import dump_monitor


MONITORS = (
    "revocations",
    "budget_by_agent",
    "heartbeat",
    "distinct_agents",
    "two_queries",
    "anomaly",
)


def loaded(obj, path="m.json"):
    [monitor] = load_monitors(json.dumps(obj), path=path)
    return monitor


@pytest.mark.parametrize("key", MONITORS)
def test_monitors_that_datadogs_client_took_are_valid_and_come_back_as_they_were(payloads, key):
    obj = payloads[f"monitor_{key}"]
    assert validate_monitor(obj) == []
    monitor = loaded(obj)
    assert dump_monitor(monitor) == obj
    assert json.dumps(dump_monitor(monitor)) == json.dumps(obj)
    assert (monitor.name, monitor.type, monitor.query_text) == (
        obj["name"],
        obj["type"],
        obj["query"],
    )


@pytest.mark.parametrize("key", MONITORS)
def test_yaml_of_the_same_structure_is_the_same_monitor(payloads, key):
    obj = payloads[f"monitor_{key}"]
    [monitor] = load_monitors(yaml.safe_dump(obj, sort_keys=False), path="m.yaml")
    assert monitor == loaded(obj)


def test_options_are_read_with_datadogs_units(payloads):
    assert loaded(payloads["monitor_revocations"]).options == Options(
        thresholds=Thresholds(critical=50.0, warning=10.0),
        new_group_delay=60,
        renotify_interval=60,
        renotify_occurrences=3,
        renotify_statuses=("alert",),
        enable_logs_sample=True,
    )


def test_defaults_are_datadogs(monitor):
    obj = monitor()
    del obj["options"]
    read = loaded(obj)
    assert read.options == Options(thresholds=Thresholds(critical=50.0))
    assert read.options.renotify_statuses == ("alert", "no data")


def test_nulls_of_an_api_reply_mean_not_set(monitor):
    obj = monitor(
        {"renotify_interval": None, "renotify_occurrences": None, "renotify_statuses": None,
         "timeout_h": None, "escalation_message": None, "silenced": {}},
        priority=None, deleted=None, restricted_roles=None,
    )  # fmt: skip
    assert validate_monitor(obj) == []
    read = loaded(obj)
    assert (read.options.renotify_interval, read.options.timeout_h, read.priority) == (
        None,
        0,
        None,
    )
    assert dump_monitor(read) == obj


def test_zero_is_datadogs_way_to_say_no_repeats(monitor):
    read = loaded(
        monitor({"renotify_interval": 0, "renotify_occurrences": 0, "renotify_statuses": []})
    )
    assert read.options.renotify_interval is None
    assert read.options.renotify_occurrences is None


def test_retention_windows_and_formulas(payloads, anomaly, monitor):
    assert loaded(monitor({"group_retention_duration": "90m"})).options.group_retention_hours == 1.5
    options = loaded(anomaly()).options
    assert (options.trigger_window, options.recovery_window) == (900, 900)
    query = loaded(payloads["monitor_two_queries"]).query
    assert isinstance(query, FormulaQuery)
    assert list(query.variables) == ["a", "b"]


def test_one_object_a_list_an_api_reply_and_several_documents(monitor):
    one, two = monitor(name="one"), monitor(name="two", id=7)
    texts = {
        json.dumps(one): ["one"],
        json.dumps([one, two]): ["one", "two"],
        json.dumps({"monitors": [one, two], "metadata": {"page": 0}}): ["one", "two"],
        yaml.safe_dump_all([one, two]): ["one", "two"],
        "[]": [],
    }
    for text, names in texts.items():
        assert [read.name for read in load_monitors(text, path="m")] == names
    assert load_monitors(json.dumps([one, two]), path="m")[1].id == 7


def test_changing_a_dump_changes_no_monitor(monitor):
    read = loaded(monitor())
    options = dump_monitor(read)["options"]
    assert isinstance(options, dict)
    options.clear()
    assert dump_monitor(read) == monitor()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{\n "name": "x",\n}', 3, "expected a key"),
        ('{"a": 1 "b"}', 1, "expected ',' or '}'"),
        ("[1, 2\n\n", 3, "expected ',' or ']'"),
        ('{"a": 1}\n]', 2, "after the end"),
        ('{"a": "x\ny"}', 1, "Invalid control character"),
        ('{"a": NaN}', 1, "expected a value"),
        ('{"a": 1,\n "a": 2}', 2, "'a' is given twice"),
        ("name: x\nname: y", 2, "'name' is given twice"),
        ("name: [1", 1, "not valid YAML"),
        ("a: 1\n\tb: 2", 2, "not valid YAML"),
        ("a: !!python/name:os.system x", 1, "tag"),
        ("a: 1\nb: !!int x", 2, "not of the type"),
        ("a: &a\n  b: *a", 1, "alias inside"),
        ("? [1]\n: 2", 1, "a key must be a text"),
        ("just words", 1, "not a monitor"),
        ("", 1, "not a monitor"),
        ("[3]", 1, "not a monitor"),
        ("[" * 5000, 1, "more than 100 levels"),
        ("x: " + "[" * 101 + "]" * 101, 1, "more than 100 levels"),
        ("x: " + "{a: " * 300_000 + "1" + "}" * 300_000, 1, "more than 100 levels"),
    ],
)  # fmt: skip
def test_texts_that_are_no_monitors(text, line, says):
    with pytest.raises(InvalidFileError) as caught:
        load_monitors(text, path="bad.file")
    assert says in caught.value.message
    assert caught.value.line == line
    assert caught.value.message.startswith("bad.file:")


def test_billions_of_laughs_end_early():
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(InvalidFileError, match="aliases inside aliases"):
        load_monitors("a0: &a0 [lol]\n" + "\n".join(levels), path="m.yaml")


def test_the_first_error_is_told_with_its_line_in_json_and_yaml(monitor):
    obj = monitor({"thresholds": {"critical": 90, "warning": 10}})
    says = "Alert threshold (90.0) does not match that used in the query (50.0)."
    for text in (json.dumps(obj, indent=2), yaml.safe_dump(obj)):
        with pytest.raises(InvalidFileError) as caught:
            load_monitors(text, path="m")
        assert says in caught.value.message
        assert '"critical"' in text.splitlines()[caught.value.line - 1].replace(
            "critical:", '"critical"'
        )
        assert "write 50 here" in caught.value.hint


def test_what_is_not_evaluated_here_can_not_be_loaded(monitor):
    with pytest.raises(InvalidFileError, match="not evaluated here"):
        loaded(monitor(type="rum alert", query='rum("x").rollup("count").last("5m") > 50'))


def test_yaml_keeps_dates_and_reads_merges():
    document = read_document("a: &a {x: 2026-01-01, y: yes}\nb:\n  <<: *a\n  z: 0x10", path="m")
    assert document.value == {
        "a": {"x": "2026-01-01", "y": True},
        "b": {"x": "2026-01-01", "y": True, "z": 16},
    }
    assert document.line("b.z") == 4
    assert document.line("b.z.unheard.of[3]") == 4
    assert document.line("c") == 1


def test_a_key_of_its_own_overrides_a_merged_one_wherever_the_alias_stands():
    text = "a: &a {x: 1, y: 2}\nb: &b\n  x: 3\n  <<: *a\n  <<: {z: 4}\nc: *b\nd: {<<: *b, y: 5}"
    document = read_document(text, path="m")
    assert document.value == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 3, "y": 2, "z": 4},
        "c": {"x": 3, "y": 2, "z": 4},
        "d": {"x": 3, "y": 5, "z": 4},
    }
    for twice in ("b: {<<: *a, x: 1, x: 2}", "b: *a\nb: 1", "b: [{x: 1, x: 1}]"):
        with pytest.raises(InvalidFileError, match="is given twice in one object"):
            read_document(f"a: &a {{x: 1}}\n{twice}", path="m")


def test_a_byte_order_mark_is_no_obstacle(monitor):
    assert load_monitors("\ufeff" + json.dumps(monitor()), path="m")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    JSON.filter(lambda value: isinstance(value, dict | list)),
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
)
def test_json_is_read_as_json_reads_it(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert read_document(text, path="m").value == json.loads(text)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), JSON, min_size=1, max_size=6))
def test_the_line_of_every_key_at_the_top_is_where_it_stands(value):
    text = json.dumps(value, indent=1)
    document = read_document(text, path="m")
    lines = text.split("\n")
    for key in value:
        assert lines[document.line(key) - 1].startswith(f' "{key}":')


@given(st.text('{}[]",:\\u0123abtrue \n-.', max_size=30))
def test_nonsense_is_an_error_with_a_line_and_nothing_else(text):
    line = 1
    try:
        read_document(text, path="m")
    except InvalidFileError as error:
        line = error.line
    assert 0 <= line <= text.count("\n") + 2
