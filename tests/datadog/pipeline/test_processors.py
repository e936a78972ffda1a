from __future__ import annotations

import pytest


STATUS = {"type": "status-remapper", "sources": ["a"]}
NOW = 1_795_490_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("FATAL", "emergency"),
        (3, "error"),
        ("3", "error"),
        ("Warning", "warn"),
        ("OK", "ok"),
        ("zzz", "info"),
    ],
)
def test_status_remapper_maps_levels_by_their_beginning(run, value, status):
    assert run({"a": value}, STATUS).status == status


def test_status_remapper_without_its_sources_leaves_the_status(run):
    assert run({"b": "error"}, STATUS, status="notice").status == "notice"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("service-remapper", "service"),
        ("message-remapper", "message"),
        ("trace-id-remapper", "trace_id"),
    ],
)
def test_official_fields_take_the_first_source_that_is_there(run, kind, field):
    log = run({"b": "second", "c": "third"}, {"type": kind, "sources": ["a", "b", "c"]})
    assert getattr(log, field) == "second"


@pytest.mark.parametrize(
    ("kind", "attributes", "field"),
    [
        ("message-remapper", {"msg": "x"}, "message"),
        ("trace-id-remapper", {"dd": {"trace_id": "x"}}, "trace_id"),
    ],
)
def test_default_sources_are_datadogs(run, kind, attributes, field):
    assert getattr(run(attributes, {"type": kind}), field) == "x"


def test_an_object_is_no_service(run):
    log = run({"a": {"b": 1}}, {"type": "service-remapper", "sources": ["a"]}, service="s")
    assert log.service == "s"


@pytest.mark.parametrize(
    ("value", "timestamp"),
    [
        ("2026-11-24T02:55:33.261Z", 1_795_488_933_261),
        (NOW - 18 * HOUR, NOW - 18 * HOUR),
        (NOW - 18 * HOUR - 1, 5),
        (NOW + 2 * HOUR, NOW + 2 * HOUR),
        (NOW + 2 * HOUR + 1, 5),
        ("no date", 5),
    ],
)
def test_date_remapper_sets_the_date_within_the_window(run, value, timestamp):
    log = run({"a": value}, {"type": "date-remapper", "sources": ["a"]}, timestamp=5)
    assert log.timestamp == timestamp


def category(*rows):
    categories = [{"name": name, "filter": {"query": query}} for name, query in rows]
    return {"type": "category-processor", "target": "c.d", "categories": categories}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [({"a": "x"}, "first"), ({"a": "y"}, "second"), ({"a": "z"}, "rest"), ({}, "rest")],
)
def test_category_processor_names_the_first_match(attributes_after, attributes, expected):
    processor = category(("first", "@a:x"), ("second", "@a:(x OR y)"), ("rest", "*"))
    assert attributes_after(attributes, processor) == {**attributes, "c": {"d": expected}}


def test_category_processor_without_a_match_sets_nothing(attributes_after):
    assert attributes_after({"a": "z"}, category(("first", "@a:x"))) == {"a": "z"}


HTTP = {
    "http": {"method": "GET", "status_code": 200, "url": "https://app.datadoghq.com/users"},
    "array_ids": [123, 456, 789],
    "array_users": [
        {"first_name": "John", "last_name": "Doe"},
        {"first_name": "Jack", "last_name": "London"},
    ],
}


@pytest.mark.parametrize(
    ("template", "replace_missing", "expected"),
    [
        (
            "Request %{http.method} %{http.url} was answered with response %{http.status_code}",
            False,
            "Request GET https://app.datadoghq.com/users was answered with response 200",
        ),
        ("%{array_ids}", False, "123,456,789"),
        ("%{array_users.first_name}", False, "John,Jack"),
        ("%{array_users}", False, None),
        ("%{http}", False, None),
        ("a %{http} b", True, "a  b"),
        ("a %{nothing} b", False, None),
        ("a %{nothing} b", True, "a  b"),
        ("no block", False, "no block"),
        ("%{message}!", False, "the message!"),
        ("%{service}", False, "svc"),
        ("x" * 300, False, "x" * 256),
    ],
)
def test_string_builder(attributes_after, template, replace_missing, expected):
    processor = {
        "type": "string-builder-processor",
        "template": template,
        "target": "built",
        "is_replace_missing": replace_missing,
    }
    after = attributes_after(HTTP, processor, message="the message", service="svc")
    assert after.get("built") == expected
    assert after | {"built": 0} == HTTP | {"built": 0}


@pytest.mark.parametrize(
    ("expression", "replace_missing", "expected"),
    [
        ("duration_ns / 1000000", False, 25),
        ("duration_ns + missing", False, "old"),
        ("duration_ns + missing", True, 25000000),
        ("text + 1", False, 3),
        ("operation + 1", False, "old"),
        ("operation + 1", True, 1),
        ("1 / missing", True, "old"),
    ],
)
def test_arithmetic(attributes_after, expression, replace_missing, expected):
    attributes = {"operation": "db.query", "duration_ns": 25000000, "text": "2", "out": "old"}
    processor = {
        "type": "arithmetic-processor",
        "expression": expression,
        "target": "out",
        "is_replace_missing": replace_missing,
    }
    assert attributes_after(attributes, processor) == {**attributes, "out": expected}


@pytest.mark.parametrize(
    ("attributes", "default", "expected"),
    [
        ({"user": {"id": "42"}}, None, "alice.doe"),
        ({"user": {"id": 77}}, None, "bob, smith"),
        ({"user": {"id": "1"}}, None, None),
        ({"user": {"id": "1"}}, "nobody", "nobody"),
        ({}, "nobody", None),
        ({"user": {"id": [42]}}, "nobody", None),
    ],
)
def test_lookup(attributes_after, attributes, default, expected):
    processor = {
        "type": "lookup-processor",
        "source": "user.id",
        "target": "name",
        "lookup_table": ["42,alice.doe", "77,bob, smith"],
        "default_lookup": default,
    }
    assert attributes_after(attributes, processor).get("name") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://api.example.com/v1/orders?user_id=12345&limit=20",
            {
                "scheme": "https",
                "host": "api.example.com",
                "path": "/v1/orders",
                "queryString": {"user_id": "12345", "limit": "20"},
            },
        ),
        (
            "http://h:8080/a/#top",
            {"scheme": "http", "host": "h", "port": 8080, "path": "/a/", "hash": "top"},
        ),
        ("/api/users?x=1&x=2", {"path": "/api/users", "queryString": {"x": ["1", "2"]}}),
        ("/a?x=1&x=1", {"path": "/a", "queryString": {"x": "1"}}),
        ("/a?x=&y", {"path": "/a", "queryString": {"x": "", "y": ""}}),
        ("/a%20b?q=c%20d+e", {"path": "/a%20b", "queryString": {"q": "c%20d+e"}}),
        ("not a url", None),
        ("http://h:99999/", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_url_parser(attributes_after, url, expected):
    after = attributes_after({"http": {"url": url}}, {"type": "url-parser"})
    assert after["http"].get("url_details") == expected


def test_url_parser_normalizes_ending_slashes_on_request(attributes_after):
    processor = {"type": "url-parser", "normalize_ending_slashes": True, "target": "u"}
    assert attributes_after({"http": {"url": "/a/b//"}}, processor)["u"] == {"path": "/a/b"}
    assert attributes_after({"http": {"url": "/"}}, processor)["u"] == {"path": "/"}


GROK = {
    "type": "grok-parser",
    "source": "message",
    "grok": {
        "match_rules": "login %{word:user.name} %{_what}\nother %{data:rest}",
        "support_rules": "_what logged in",
    },
}


def test_grok_parser_lays_what_the_first_rule_finds_over_the_attributes(attributes_after):
    after = attributes_after({"user": {"id": 1, "name": "old"}}, GROK, message="ada logged in")
    assert after == {"user": {"id": 1, "name": "ada"}}
    assert attributes_after({}, GROK, message="hello there") == {"rest": "hello there"}


def test_grok_parser_reads_an_attribute(attributes_after):
    processor = {**GROK, "source": "command.line"}
    after = attributes_after({"command": {"line": "ada logged in"}}, processor, message="x")
    assert after == {"command": {"line": "ada logged in"}, "user": {"name": "ada"}}


def test_grok_parser_without_a_match_changes_nothing(attributes_after):
    processor = {**GROK, "grok": {"match_rules": "r %{integer:n}"}}
    assert attributes_after({"a": 1}, processor, message="x") == {"a": 1}
    assert attributes_after({"a": 1}, {**processor, "source": "a"}) == {"a": 1}


def test_processors_that_are_not_modelled_change_nothing(run):
    before = {"network": {"client": {"ip": "8.8.8.8"}}}
    log = run(before, {"type": "schema-processor", "mappers": []})
    assert log.attributes == before


def test_a_nested_pipeline_acts_on_what_its_filter_takes(attributes_after):
    inner = {
        "type": "string-builder-processor",
        "name": "i",
        "is_enabled": True,
        "template": "y",
        "target": "n",
    }
    nested = {"type": "pipeline", "filter": {"query": "@a:x"}, "processors": [inner]}
    assert attributes_after({"a": "x"}, nested) == {"a": "x", "n": "y"}
    assert attributes_after({"a": "z"}, nested) == {"a": "z"}
