"""The packaged Grantex pipeline: what Datadog's own client reads, and what it does to real events."""

from __future__ import annotations

import copy

import pytest
from datadog_api_client.configuration import Configuration
from datadog_api_client.model_utils import ModelNormal, validate_and_convert_types
from datadog_api_client.v1.model.logs_pipeline import LogsPipeline

from grantex_tui.datadog.pipeline import (
    Copy,
    Derived,
    FirstOf,
    Untouched,
    check_pipeline,
    compile_pipelines,
    parse_pipeline,
    resolve,
)
from grantex_tui.datadog.pipeline.attributes import read
from grantex_tui.events.types import EVENT_TYPES
from tests.support.attributes import target_is_free


@pytest.fixture(scope="session")
def parsed(pack):
    return parse_pipeline(pack)


@pytest.fixture
def process(parsed):
    return compile_pipelines([parsed])


def as_datadogs_client_reads_it(obj):
    return validate_and_convert_types(obj, (LogsPipeline,), ["x"], True, True, Configuration())


def unparsed(value):
    if isinstance(value, list):
        return [found for item in value for found in unparsed(item)]
    if not hasattr(value, "_data_store") and not isinstance(value, ModelNormal):
        return []
    here = [value] if getattr(value, "_unparsed", False) else []
    inner = getattr(value, "_data_store", {}).values()
    return here + [found for item in inner for found in unparsed(item)]


def test_datadogs_client_takes_it_whole_and_gives_it_back(pack):
    model = as_datadogs_client_reads_it(copy.deepcopy(pack))
    assert unparsed(model) == []
    assert model.to_dict() == pack


def test_the_check_of_the_client_does_see_a_bad_processor(pack):
    bad = copy.deepcopy(pack)
    bad["processors"][0]["type"] = "json-mapper"
    assert unparsed(as_datadogs_client_reads_it(bad))


def test_it_has_no_problems_and_comes_back_as_it_is(pack, parsed):
    assert check_pipeline(pack) == []
    assert parsed.source == pack
    assert parsed.approximations == ()
    assert len(parsed.processors) <= 20


def test_every_event_gets_its_type_severity_date_and_status(process, grantex_logs, now):
    assert {log.attributes["type"] for log in grantex_logs} == set(EVENT_TYPES)
    for log in grantex_logs:
        after = process(log, received_at=now)
        assert read(after.attributes, "grantex.event_type") == log.attributes["type"]
        assert after.status == read(after.attributes, "grantex.severity")
        assert after.timestamp < now
        assert (after.message, after.tags, after.source) == (log.message, log.tags, log.source)
        assert {key: after.attributes[key] for key in log.attributes} == log.attributes


SEVERITIES = {
    "error": {"budget.exhausted", "anomaly.auto_revoked"},
    "warn": {
        "grant.revoked", "passport.revoked", "consent_bundle.revoked", "budget.threshold",
        "vault.credential.deleted", "sso.connection.deleted", "dpdp.consent.withdrawn",
        "dpdp.grievance.filed",
    },
    "notice": {
        "sso.connection.created", "sso.connection.updated", "vault.credential.stored",
        "fido.registered", "dpdp.erasure.completed",
    },
}  # fmt: skip


def test_severities(process, grantex_logs, now):
    by_type = {log.attributes["type"]: process(log, received_at=now).status for log in grantex_logs}
    for event_type, status in by_type.items():
        expected = (level for level, types in SEVERITIES.items() if event_type in types)
        assert status == next(expected, "info"), event_type


@pytest.mark.parametrize(
    ("path", "sources"),
    [
        ("grantex.grant_id", ["data.grantId"]),
        ("grantex.agent_id", ["data.agentId"]),
        ("grantex.principal_id", ["data.principalId", "data.userId", "data.dataPrincipalId"]),
        ("grantex.scopes", ["data.scopes"]),
        ("grantex.parent_grant_id", ["data.parentGrantId"]),
        ("grantex.delegation_depth", ["data.delegationDepth"]),
        ("grantex.cascade", ["data.cascade"]),
        ("grantex.credential_id", ["data.credentialId"]),
        ("grantex.credential_service", ["data.service"]),
        ("grantex.budget_pct", ["data.pct"]),
        ("grantex.anomaly_count", ["data.anomalyCount"]),
    ],
)
def test_facets(parsed, process, grantex_logs, now, path, sources):
    origin = resolve([parsed], path)
    if len(sources) == 1:
        assert isinstance(origin, Copy)
        assert origin.source_path == sources[0]
    else:
        assert isinstance(origin, FirstOf)
        assert list(origin.source_paths) == sources
    values = []
    for log in grantex_logs:
        after = process(log, received_at=now)
        present = (read(log.attributes, source) for source in sources)
        expected = next((value for value in present if value is not None), None)
        assert target_is_free(log.attributes, path)
        assert read(after.attributes, path) == expected
        values.append(expected)
    assert any(value is not None for value in values)


def test_what_is_left_in_a_budget_is_a_number(process, grantex_logs, now):
    left = [
        read(process(log, received_at=now).attributes, "grantex.budget_remaining")
        for log in grantex_logs
    ]
    assert {type(value) for value in left} == {type(None), float}


def test_origins_for_an_evaluator(parsed):
    assert isinstance(resolve([parsed], "grantex.event_type"), Copy)
    assert isinstance(resolve([parsed], "type"), Untouched)
    assert isinstance(resolve([parsed], "grantex.severity"), Derived)


def test_logs_of_other_sources_are_not_touched(process, now):
    from grantex_tui.datadog.log import Log

    log = Log(source="nginx", attributes={"type": "grant.created"})
    assert process(log, received_at=now) is log
