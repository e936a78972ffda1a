from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantex_tui.cli.main import main


EVENTS = str(Path(__file__).parents[2] / "fixtures" / "grantex-events.ndjson")


@pytest.fixture
def run(capsysbinary):
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


def test_search_prints_matching_events_as_received(run):
    code, out, _ = run("search", "@grantex.event_type:budget.exhausted", EVENTS)
    recorded = Path(EVENTS).read_text("utf-8").split("\n")
    assert code == 0
    assert out.splitlines() == [line for line in recorded if '"type":"budget.exhausted"' in line]


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 354), ("type:grant.revoked", 66), ("@data.pct:>=80 -type:grant.*", 3), ("nothing", 0)],
)
def test_search_counts(run, query, number):
    assert run("search", query, EVENTS, "--count")[1] == f"{number}\n"


def test_search_counts_by_a_facet_most_first(run):
    _, out, _ = run("search", "@grantex.event_type:budget.*", EVENTS, "--by", "@type")
    assert [line.split() for line in out.splitlines()] == [
        ["9", "budget.threshold"],
        ["3", "budget.exhausted"],
    ]


def test_search_says_what_a_pipeline_leaves_out_and_what_depends_on_it(run, tmp_path):
    schema = {"type": "schema-processor", "is_enabled": True, "mappers": [{"target": "x.y"}]}
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"name": "p", "is_enabled": True, "processors": [schema]}))
    code, _, err = run("search", "@x.y:1", EVENTS, "--count", "--pipeline", str(path))
    assert (code, err.splitlines()) == (
        1,
        [
            "approximate: schema-processor is not evaluated locally",
            "not evaluated: @x.y depends on it",
        ],
    )
    code, _, err = run("search", "type:vc.issued", EVENTS, "--count", "--pipeline", str(path))
    assert (code, err) == (0, "approximate: schema-processor is not evaluated locally\n")


def test_search_reads_several_recordings(run):
    assert run("search", "", EVENTS, EVENTS, "--count")[1] == "708\n"


def test_search_explains_clause_by_clause(run):
    _, out, _ = run("search", "type:vc.issued @data.pct:50", EVENTS, "--explain", "--limit", "1")
    assert "does not match" in out
    assert "✓ type:vc.issued" in out
    assert "✗ @data.pct:50   (@data.pct is absent)" in out


def test_a_search_that_cannot_be_read_is_pointed_at(run):
    code, _, err = run("search", "type:(a OR b", EVENTS)
    assert code == 2
    assert "\ntype:(a OR b\n     ^" in err


def test_a_recording_that_is_not_there_exits_3(run):
    code, _, err = run("search", "", "nowhere.ndjson")
    assert (code, "nowhere.ndjson" in err) == (3, True)


def test_lines_that_are_no_events_are_told_with_their_place(run, tmp_path):
    path = tmp_path / "mixed.ndjson"
    path.write_text('{"id":"evt_1","type":"a.b"}\noops\n')
    code, out, err = run("search", "", str(path))
    assert (code, out.count("\n")) == (0, 1)
    assert f"{path}:2" in err


def test_the_bundled_files_are_free_of_errors(run):
    code, out, err = run("check")
    assert code == 0
    assert "error:" not in out
    assert err.startswith("0 errors")


QUERY = 'logs("@grantex.event_type:grant.revokd").index("*").rollup("count").last("5m") > 50'
BAD = {
    "name": "x",
    "type": "log alert",
    "query": QUERY,
    "message": "{{#is_warning_to_alert}}x{{/is_warning_to_alert}}",
    "options": {"thresholds": {"critical": 50, "warning": 60}},
}


def test_check_names_file_line_rule_and_fix_and_exits_3(run, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(BAD, indent=1))
    code, out, err = run("check", str(path))
    assert code == 3
    assert f"{path}:5: error:" in out
    assert "is_warning_to_alert" in out
    assert "grant.revoked" in out
    assert out.count("    rule: ") == out.count("    fix:  ") == out.count(f"{path}:")
    assert err.rstrip().endswith("of advice")


def test_check_prints_json(run, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(BAD))
    code, out, _ = run("check", "--json", str(path))
    rows = json.loads(out)
    assert code == 3
    assert {"path", "line", "severity", "code", "message", "where", "rule", "fix"} <= set(rows[0])


def test_strict_makes_advice_count(run, tmp_path):
    path = tmp_path / "advice.json"
    good = {**BAD, "message": "hello", "options": {"thresholds": {"critical": 50}}}
    good["query"] = QUERY.replace("revokd", "revoked")
    path.write_text(json.dumps(good))
    assert run("check", str(path))[0] == 0
    assert run("check", "--strict", str(path))[0] == 3


@pytest.mark.parametrize(
    ("search", "advice"),
    [
        ("@data.grantid:x", 1),
        ("@grantex.grant_id:x", 0),
        ("service:nginx @http.status_code:500", 0),
        ("service:grantex @http.status_code:500", 1),
    ],
)
def test_check_advises_on_a_facet_that_no_event_has(run, tmp_path, search, advice):
    query = f'logs("{search}").index("*").rollup("count").last("5m") > 3'
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"name": "m", "type": "log alert", "query": query, "message": "x"}))
    _, out, _ = run("check", str(path), "--json")
    assert [row["code"] for row in json.loads(out)].count("unknown-facet") == advice
