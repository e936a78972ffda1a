"""Datadog log pipelines: parsed from API JSON, checked, and run over logs.

Pure: a log and the time of its arrival in, a log out. What is not evaluated here is said in
`Pipeline.approximations`, never pretended.
"""

from grantex_tui.datadog.pipeline.check import check_pipeline
from grantex_tui.datadog.pipeline.doubts import Doubts
from grantex_tui.datadog.pipeline.errors import PipelineError
from grantex_tui.datadog.pipeline.model import Pipeline
from grantex_tui.datadog.pipeline.parse import parse_pipeline, parse_pipelines
from grantex_tui.datadog.pipeline.resolve import (
    Copy,
    Derived,
    FirstOf,
    Origin,
    Untouched,
    compile_pipelines,
    resolve,
)
from grantex_tui.datadog.pipeline.run import Process


__all__ = [
    "Copy",
    "Derived",
    "Doubts",
    "FirstOf",
    "Origin",
    "Pipeline",
    "PipelineError",
    "Process",
    "Untouched",
    "check_pipeline",
    "compile_pipelines",
    "parse_pipeline",
    "parse_pipelines",
    "resolve",
]
