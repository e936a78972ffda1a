"""The pack's monitors, and the captured events as the packaged pipeline leaves them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.pipeline import compile_pipelines, parse_pipeline
from grantex_tui.pack import monitor_texts, pipeline_text


EVENTS = Path(__file__).parents[2] / "fixtures/grantex-events.ndjson"
NOW = 1_795_490_000_000
"""2026-11-24T03:13:20Z: shortly after the captured events."""


@pytest.fixture(scope="session")
def objects():
    """The API objects by file name."""
    return {name: json.loads(text) for name, text in monitor_texts()}


@pytest.fixture(scope="session")
def monitors():
    """The loaded monitors by file name."""
    return {name: load_monitors(text, path=name)[0] for name, text in monitor_texts()}


@pytest.fixture(scope="session")
def process():
    """Turns an event's JSON text into the log that Datadog holds after the pipeline."""
    pipeline = compile_pipelines([parse_pipeline(json.loads(pipeline_text()))])

    def run(text):
        event = json.loads(text)
        tags = (f"type:{event['type']}",)
        log = Log(message=text, attributes=event, tags=tags, timestamp=NOW, source="grantex")
        return pipeline(log, received_at=NOW)

    return run


@pytest.fixture(scope="session")
def logs(process):
    """Every captured event, all 28 types among them."""
    return [process(line) for line in EVENTS.read_text("utf-8").split("\n") if line]
