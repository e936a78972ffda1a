"""``schema-processor``: maps logs to a schema such as OCSF; not evaluated here, and said.

API: LogsSchemaProcessor. It validates against the schema's own tables, which are Datadog's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processor import (
    ANYWHERE,
    Effects,
    Kind,
    common,
    not_evaluated,
    not_evaluated_note,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.problem import Problem


_TYPE = "schema-processor"


@dataclass(frozen=True, slots=True)
class SchemaProcessor:
    """Logs pass it unchanged; ``targets`` are what its mappers would set."""

    name: str
    is_enabled: bool
    targets: frozenset[str]

    def effects(self) -> Effects:
        """Nothing here."""
        notes = (not_evaluated_note(_TYPE),)
        return Effects(unevaluated=self.targets or frozenset({ANYWHERE}), notes=notes)

    def step(self) -> None:
        """None."""
        return

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """That it is not evaluated."""
        yield not_evaluated(reader, _TYPE)


def _targets(mapper: object) -> Iterator[str]:
    if not isinstance(mapper, Mapping):
        return
    if isinstance(target := mapper.get("target"), str):
        yield target
    if isinstance(targets := mapper.get("targets"), Mapping):
        yield from (path for path in targets.values() if isinstance(path, str))


def _read(reader: Reader) -> SchemaProcessor:
    mappers = reader.objects("mappers")
    targets = frozenset(path for mapper in mappers for path in _targets(mapper))
    return SchemaProcessor(*common(reader), targets)


KIND = Kind(
    _TYPE,
    ("mappers", "schema"),
    _read,
    "maps logs to a schema",
    "not evaluated",
)
