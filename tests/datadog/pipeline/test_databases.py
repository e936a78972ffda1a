"""User agents and places: by a database that may not be there, which is said."""

from __future__ import annotations

import struct
import sys

import pytest

from grantex_tui.datadog.pipeline import Doubts, check_pipeline, parse_pipeline, user_agents
from grantex_tui.datadog.pipeline.processors.geo_ip import VARIABLE


USER_AGENT = {"type": "user-agent-parser"}
GEO = {"type": "geo-ip-parser"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.3"
IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
          "Version/16.0 Mobile/15E148 Safari/604.1")  # fmt: skip
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("text", "browser", "system", "category"),
    [
        (FIREFOX, {"family": "Firefox", "major": "115", "minor": "3"}, {"family": "Windows", "major": "10"}, "Desktop"),
        (IPHONE, {"family": "Mobile Safari", "major": "16", "minor": "0"}, {"family": "iOS", "major": "16", "minor": "1"}, "Mobile"),
        (IPHONE.replace("iPhone;", "iPad;"), None, None, "Tablet"),
        (GOOGLE, {"family": "Googlebot", "major": "2", "minor": "1"}, {"family": "Other"}, "Bot"),
        ("x" * 100_000, {"family": "Other"}, {"family": "Other"}, "Other"),
    ],
)  # fmt: skip
def test_a_user_agent_is_named(attributes_after, text, browser, system, category):
    details = attributes_after({"http": {"useragent": text}}, USER_AGENT)["http"][
        "useragent_details"
    ]
    assert browser is None or (details["browser"], details["os"]) == (browser, system)
    assert details["device"]["category"] == category


def test_an_encoded_user_agent_is_decoded_first(attributes_after):
    encoded = FIREFOX.replace(" ", "%20").replace("/", "%2F")
    parser = {**USER_AGENT, "sources": ["ua"], "target": "t", "is_encoded": True}
    assert attributes_after({"ua": encoded}, parser)["t"]["browser"]["family"] == "Firefox"


@pytest.mark.parametrize(
    "argument", ["", "(decodeuricomponent:true)", "(decodeuricomponent:false)"]
)
def test_grok_has_the_same_as_a_filter(attributes_after, argument):
    grok = {"type": "grok-parser", "grok": {"match_rules": f"r %{{data:ua:useragent{argument}}}"}}
    text = FIREFOX.replace(" ", "%20") if "true" in argument else FIREFOX
    assert attributes_after({}, grok, message=text)["ua"]["browser"]["family"] == "Firefox"


def test_without_the_database_the_filter_is_not_evaluated(monkeypatch, run, pipeline):
    grok = {"type": "grok-parser", "grok": {"match_rules": "r %{word:a} %{data:ua:useragent}"}}
    monkeypatch.setattr(user_agents, "is_installed", lambda: False)
    assert run({}, grok, message=f"x {FIREFOX}").attributes == {"a": "x"}
    parsed = parse_pipeline(pipeline(grok))
    assert parsed.approximations == (
        "grok rule r: filter useragent is not evaluated locally: install grantex-tui[user-agent]",
    )
    assert parsed.processors[0].effects().unevaluated == {"ua"}
    assert [bool(Doubts([parsed]).about(path)) for path in ("ua.os", "a")] == [True, False]
    (problem,) = check_pipeline(pipeline(grok))
    assert (problem.severity, problem.code) == ("advice", "grok-not-evaluated")


def test_without_the_database_a_user_agent_is_not_evaluated_and_that_is_said(
    monkeypatch, run, pipeline
):
    monkeypatch.setattr(user_agents, "is_installed", lambda: False)
    before = {"http": {"useragent": FIREFOX}}
    assert run(before, USER_AGENT).attributes == before
    parsed = parse_pipeline(pipeline(USER_AGENT))
    assert parsed.approximations == (
        "user-agent-parser is not evaluated locally: install grantex-tui[user-agent]",
    )
    assert parsed.processors[0].effects().unevaluated == {"http.useragent_details"}
    (problem,) = check_pipeline(pipeline(USER_AGENT))
    assert (problem.code, problem.fix) == (
        "not-evaluated-locally",
        "install grantex-tui[user-agent]",
    )


def packed(value):
    """A value in the data section of MaxMind's format."""
    if isinstance(value, str):
        raw = value.encode()
        return bytes([2 << 5 | len(raw)]) + raw
    if isinstance(value, dict):
        inner = b"".join(packed(key) + packed(item) for key, item in value.items())
        return bytes([7 << 5 | len(value)]) + inner
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(packed, value))
    if isinstance(value, bytes):
        return value  # packed before: a number of another size
    return bytes([5 << 5 | 2]) + struct.pack(">H", value)  # uint16


RECORD = {
    "continent": {"code": "NA", "names": {"en": "North America"}},
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [{"iso_code": "OR", "names": {"en": "Oregon"}}],
    "city": {"names": {"en": "Portland"}},
}


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A database that knows the lower half of all addresses, in which all are in Portland."""
    metadata = {"node_count": bytes([6 << 5 | 4, 0, 0, 0, 1]), "record_size": 24, "ip_version": 4, "database_type": "Test",
                "languages": ["en"], "binary_format_major_version": 2,
                "binary_format_minor_version": 0, "build_epoch": bytes([8, 9 - 7, *bytes(7), 1]), "description": {"en": "t"}}  # fmt: skip
    tree = (1 + 16).to_bytes(3, "big") + (1).to_bytes(3, "big")
    path = tmp_path / "places.mmdb"
    path.write_bytes(
        tree + bytes(16) + packed(RECORD) + b"\xab\xcd\xefMaxMind.com" + packed(metadata)
    )
    monkeypatch.setenv(VARIABLE, str(path))
    return path


PORTLAND = {
    "ipAddress": "8.8.8.8",
    "continent": {"code": "NA", "name": "North America"},
    "country": {"iso_code": "US", "name": "United States"},
    "subdivision": {"iso_code": "OR", "name": "Oregon"},
    "city": {"name": "Portland"},
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("8.8.8.8", PORTLAND),
        ("203.0.113.1", {}),
        ("10.2.75.414", {"invalidAddress": "10.2.75.414"}),
        (["1.1.1.1", "2.2.2.2"], {"invalidAddress": "[1.1.1.1, 2.2.2.2]"}),
    ],
)
@pytest.mark.usefixtures("database")
def test_an_address_is_placed(attributes_after, value, found):
    after = attributes_after({"network": {"client": {"ip": value}}}, GEO)
    assert after["network"]["client"]["geoip"] == found


@pytest.mark.usefixtures("database")
def test_with_a_database_there_is_nothing_to_say(pipeline):
    assert parse_pipeline(pipeline(GEO)).approximations == ()
    assert check_pipeline(pipeline(GEO)) == []


def not_evaluated(pipeline):
    parsed = parse_pipeline(pipeline(GEO))
    assert parsed.processors[0].effects().unevaluated == {"network.client.geoip"}
    assert parsed.processors[0].step() is None
    return parsed.approximations[0]


def test_without_a_database_it_says_what_is_missing(pipeline, monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert f"set {VARIABLE} to a database" in not_evaluated(pipeline)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.mmdb"))
    assert "none.mmdb" in not_evaluated(pipeline)
    (tmp_path / "rubbish.mmdb").write_bytes(b"rubbish")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "rubbish.mmdb"))
    assert "rubbish.mmdb" in not_evaluated(pipeline)


def test_without_the_package_it_says_that(pipeline, monkeypatch):
    monkeypatch.setenv(VARIABLE, "elsewhere.mmdb")
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    assert "install grantex-tui[geoip]" in not_evaluated(pipeline)
