"""What is wrong with a grok rule."""

from __future__ import annotations


class GrokError(ValueError):
    """A grok rule that Datadog would not take, or that has no equivalent here."""
