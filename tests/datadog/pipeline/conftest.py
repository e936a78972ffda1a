"""Ways to run single processors and whole pipelines over logs."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import compile_pipelines, parse_pipeline


NOW = 1_795_490_000_000
"""2026-11-24T03:13:20Z: shortly after the captured events."""


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def pipeline():
    """Makes an enabled pipeline object; processors and nested ones are enabled unless they say."""

    def make(*processors, query="*", **more):
        enabled = [{"is_enabled": True, "name": "p", **processor} for processor in processors]
        obj = {"name": "Test", "is_enabled": True, "filter": {"query": query}}
        return {**obj, "processors": enabled, **more}

    return make


@pytest.fixture
def run(pipeline):
    """Runs processors over a log made of attributes and of the log's own fields."""

    def process(attributes, *processors, received_at=NOW, **fields):
        compiled = compile_pipelines([parse_pipeline(pipeline(*processors))])
        return compiled(Log(attributes=attributes, **fields), received_at=received_at)

    return process


@pytest.fixture
def attributes_after(run):
    """As `run`, but only the attributes of the result."""
    return lambda attributes, *processors, **fields: (
        run(attributes, *processors, **fields).attributes
    )


@pytest.fixture(scope="session")
def pack():
    """The packaged pipeline's JSON."""
    return json.loads(files("grantex_tui.pack").joinpath("pipeline.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def grantex_logs():
    """A log for each shape of event that the real service sends, as the intake would make it."""
    lines = (Path(__file__).parent / "data/one-of-each-type.ndjson").read_text("utf-8")
    return [
        Log(
            message=line,
            attributes=json.loads(line),
            tags=(f"type:{json.loads(line)['type']}",),
            timestamp=NOW,
            source="grantex",
            service="grantex",
            host="grantex-auth-service",
        )
        for line in lines.split("\n")
        if line
    ]
