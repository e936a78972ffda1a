"""A grok rule that runs out of time is named, and given up before it stops everything else."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import check_pipeline, compile_pipelines, parse_pipeline
from grantex_tui.datadog.pipeline.processors.grok_parser import GrokParser, Overtime


NOW = 1_795_490_000_000
SLOW = "slow (?=a)(a|aa)+[xy]%{data:y}\nquick %{data:z}"
HOSTILE = "a" * 400


def parser(**more):
    return {"type": "grok-parser", "source": "message", "grok": {"match_rules": SLOW}, **more}


def test_a_rule_that_runs_out_of_time_is_named_and_none_after_it_is_tried(pipeline):
    parsed = parse_pipeline(pipeline(parser()))
    process = compile_pipelines([parsed])
    assert process(Log("b"), received_at=NOW).attributes == {"z": "b"}
    assert not list(parsed.approximations)
    assert process(Log(HOSTILE), received_at=NOW).attributes == {}
    notes = list(parsed.approximations)
    assert len(notes) == 1
    assert "grok rule slow ran out of time (0.25 s a text): what the parser" in notes[0]
    assert parsed.processors[0].effects().unevaluated == {"y", "z"}


def test_a_parser_that_runs_out_of_time_again_and_again_is_given_up(pipeline):
    parsed = parse_pipeline(pipeline(parser()))
    (processor,) = parsed.processors
    assert isinstance(processor, GrokParser)
    for _ in range(Overtime.MOST):
        processor.overtime.add("slow")
    assert compile_pipelines([parsed])(Log("b"), received_at=NOW).attributes == {}
    assert "20 times, so its parser was given up" in parsed.approximations[0]


def test_a_sample_that_takes_too_long_is_advice(pipeline):
    (problem,) = check_pipeline(pipeline(parser(samples=[HOSTILE])))
    assert (problem.severity, problem.code) == ("advice", "grok-out-of-time")
    assert problem.where == "processors[0].samples[0]"


@pytest.mark.parametrize("missing", [True, False])
def test_without_re2_rules_are_matched_all_the_same(monkeypatch, missing):
    from grantex_tui.datadog.pipeline.grok import engines, parse_grok

    if missing:
        monkeypatch.setattr(engines, "_re2", lambda: None)
    (rule,) = parse_grok(r"r %{word:a} %{ip:b}(?-s). [[:alpha:]]+\Q.\E %{data:c}")
    assert rule.extract("x ::1! abc. é", now=NOW) == {"a": "x", "b": "::1", "c": "é"}
