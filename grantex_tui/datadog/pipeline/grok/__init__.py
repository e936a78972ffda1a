"""Datadog's grok: rules that extract attributes from text."""

from grantex_tui.datadog.pipeline.grok.engines import SECONDS
from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.grok.rules import GrokRule, parse_grok


__all__ = ["SECONDS", "GrokError", "GrokRule", "parse_grok"]
