"""Processors of Datadog's that are not evaluated here: logs pass them unchanged, and it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processor import ANYWHERE, Effects, Kind, common


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """One of them."""

    name: str
    is_enabled: bool
    type: str
    unevaluated: frozenset[str] = frozenset({ANYWHERE})

    def effects(self) -> Effects:
        """Nothing here."""
        note = f"{self.type} is not evaluated locally"
        return Effects(unevaluated=self.unevaluated, notes=(note,))

    def step(self) -> None:
        """None."""
        return

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """That it is not evaluated."""
        yield not_evaluated(reader, self.type)


def not_evaluated(reader: Reader, what: str) -> Problem:
    """Advice: results that need this differ from Datadog's."""
    message = f"{what} is not evaluated here; logs pass it unchanged"
    fix = "expect results that need it to differ from Datadog's"
    return reader.advice("not-evaluated-locally", "type", message, fix=fix)


def _kind(kind: str, *keys: str, summary: str) -> Kind:
    return Kind(kind, keys, _reading(kind), summary, "not evaluated")


def _reading(kind: str) -> Callable[[Reader], Unmodelled]:
    return lambda reader: Unmodelled(*common(reader), kind)


KINDS = (
    _kind("array-map-processor", "preserve_source", "processors", "source", "target",
          summary="runs processors over each item of an array"),
    _kind("array-processor", "operation", summary="reads or changes an array"),
    _kind("decoder-processor", "binary_to_text_encoding", "input_representation", "source",
          "target", summary="decodes base64 or base16"),
    _kind("exclude-attribute", "attribute_to_exclude", summary="removes an attribute"),
    _kind("geo-ip-parser", "sources", "target", summary="where an IP address is"),
    _kind("schema-processor", "mappers", "schema", summary="maps logs to a schema"),
    _kind("user-agent-parser", "is_encoded", "sources", "target", summary="takes a user agent apart"),
)  # fmt: skip
