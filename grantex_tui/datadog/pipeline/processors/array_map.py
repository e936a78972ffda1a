"""``array-map-processor``: processors over each item of an array, whose results make another.

API: LogsArrayMapProcessor. The processors within read ``$sourceElem`` (or a key below it, or an
attribute of the log) and write ``$targetElem``. Where the page is silent: an item begins as what stands
at its place in the target, and one that is given nothing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import put, read, remove
from grantex_tui.datadog.pipeline.processor import (
    Effects,
    Kind,
    Processor,
    ReadProcessors,
    common,
    no_advice,
)
from grantex_tui.datadog.pipeline.reader import Reader
from grantex_tui.datadog.pipeline.run import Run, Step, assign, private_copy
from grantex_tui.datadog.pipeline.steps import compile_steps


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.problem import Problem


_SOURCE, _TARGET = "$sourceElem", "$targetElem"
_WITHIN = (
    "arithmetic-processor",
    "attribute-remapper",
    "category-processor",
    "string-builder-processor",
)


@dataclass(frozen=True, slots=True)
class ArrayMapProcessor:
    """A log whose source is no array stays as it is."""

    name: str
    is_enabled: bool
    source: str
    target: str
    preserve_source: bool
    processors: tuple[Processor, ...]

    def effects(self) -> Effects:
        """It sets its target; the processors within write nowhere else."""
        inner = [processor.effects() for processor in self.processors]
        reads = [path for each in inner for path in each.reads if not path.startswith("$")]
        moved = set() if self.preserve_source else {self.source}
        return Effects(
            tuple(dict.fromkeys((self.source, self.target, *reads))),
            frozenset({self.target, *moved}),
            notes=tuple(note for each in inner for note in each.notes),
        )

    def step(self) -> Step:
        """Maps the items."""
        steps = compile_steps(self.processors)

        def step(log: Log, run: Run) -> None:
            items = read(log.attributes, self.source)
            if not isinstance(items, list):
                return
            before = read(log.attributes, self.target)
            targets = before if isinstance(before, list) else []
            mapped = [
                _map(log, run, steps, item, targets[index] if index < len(targets) else None)
                for index, item in enumerate(items)
            ]
            found = [item for item in mapped if item is not None]
            attributes = put(log.attributes, self.target, found)
            if not self.preserve_source and self.source != self.target:
                attributes = remove(attributes, self.source)
            assign(log, "attributes", attributes)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _map(log: Log, run: Run, steps: Sequence[Step], item: object, target: object) -> object:
    draft = private_copy(log)
    own = {_SOURCE: item} if target is None else {_SOURCE: item, _TARGET: target}
    assign(draft, "attributes", {**log.attributes, **own})
    for step in steps:
        step(draft, run)
        if draft.attributes.get(_SOURCE) is not item:  # "read-only": a remapper can't take it
            assign(draft, "attributes", {**draft.attributes, _SOURCE: item})
    return draft.attributes.get(_TARGET)


def kind(read_processors: ReadProcessors) -> Kind:
    """The kind, given the way to read the processors within."""

    def read_one(reader: Reader) -> ArrayMapProcessor:
        name, is_enabled = common(reader)
        source, target = reader.text("source"), reader.text("target")
        preserve = "preserve_source" not in reader.obj or reader.flag("preserve_source")
        if source == target and not preserve:
            message = f"{reader.what}: source and target are the same, so it can't be removed"
            reader.refuse("invalid-value", "preserve_source", message)
        processors = read_processors(_enabled_within(reader))
        return ArrayMapProcessor(name, is_enabled, source, target, preserve, processors)

    return Kind(
        "array-map-processor",
        ("preserve_source", "processors", "source", "target"),
        read_one,
        "runs processors over each item of an array",
        "what an item begins as, and one that is given nothing, are our choice",
    )


def _enabled_within(reader: Reader) -> Reader:
    """The same object with its processors enabled: there is no ``is_enabled`` within."""
    items: list[object] = []
    for index, item in enumerate(reader.objects("processors", required=True)):
        inner = Reader(item, f"{reader.at('processors')}[{index}]", f"{reader.what}, {index}")
        if inner.text("type") not in _WITHIN:
            message = f"{inner.what}: only {', '.join(_WITHIN)} are taken within"
            inner.refuse("not-within-array-map", "type", message)
        items.append({**inner.obj, "is_enabled": True})
    return Reader({**reader.obj, "processors": items}, reader.where, reader.what)
