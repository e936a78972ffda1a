"""``lookup-processor``: the value that a table has for an attribute.

Datadog: logs/log_configuration/processors/lookup_processor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.log_values import source, target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common
from grantex_tui.datadog.pipeline.reader import PROCESSORS
from grantex_tui.datadog.pipeline.values import as_text


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


_LARGEST_TABLE = 100 * 1024
_REFERENCE_TABLE = "lookup-processor with a reference table is not evaluated locally"


@dataclass(frozen=True, slots=True)
class LookupProcessor:
    """With its own table; ``table`` is None for a reference table, which is kept at Datadog."""

    name: str
    is_enabled: bool
    source: str
    target: str
    table: Mapping[str, str] | None
    default: str | None = None

    def effects(self) -> Effects:
        """It sets its target."""
        target = frozenset({self.target})
        if self.table is None:
            return Effects((self.source,), unevaluated=target, notes=(_REFERENCE_TABLE,))
        return Effects((self.source,), target)

    def step(self) -> Step | None:
        """Sets the target to the row's value, else to the default."""
        if self.table is None:
            return None
        read_source, set_target = source(self.source), target(self.target)
        table, default = self.table, self.default

        def step(log: Log, _run: Run) -> None:
            key = as_text(read_source(log))
            found = None if key is None else table.get(key, default)
            if found is not None:
                set_target(log, found)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """A table that is larger than Datadog takes."""
        size = sum(len(key) + len(value) + 1 for key, value in (self.table or {}).items())
        if size > _LARGEST_TABLE:
            message = f"about {size // 1024} KB; the limit over all lookup processors is 100 KB"
            yield reader.advice(
                "lookup-table-too-large", "lookup_table", message, fix="use a reference table"
            )


def _read(reader: Reader) -> LookupProcessor:
    is_reference = "lookup_enrichment_table" in reader.obj and "lookup_table" not in reader.obj
    return LookupProcessor(
        *common(reader),
        source=reader.text("source"),
        target=reader.text("target"),
        table=None if is_reference else _table(reader),
        default=reader.text("default_lookup", "") or None,
    )


def _table(reader: Reader) -> dict[str, str]:
    table: dict[str, str] = {}
    for index, row in enumerate(reader.texts("lookup_table")):
        key, comma, value = row.partition(",")
        if not comma:
            message = f"{reader.what}: row {row!r} is not 'key,value'"
            reader.refuse("invalid-lookup-row", f"lookup_table[{index}]", message, rule=PROCESSORS)
        table.setdefault(key.strip(), value.strip())
    return table


KIND = Kind(
    "lookup-processor",
    ("default_lookup", "lookup_enrichment_table", "lookup_table", "source", "target"),
    _read,
    "sets an attribute to what its table has for another",
    "a reference table is kept at Datadog: not evaluated",
)
