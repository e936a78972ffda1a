"""``string-builder-processor``: text with ``%{path}`` blocks.

Datadog: logs/log_configuration/processors/string_builder_processor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.log_values import RESERVED, source, target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.values import as_text, joined


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


_BLOCK = re.compile(r"%\{([^}]*)\}")
_LONGEST_RESULT = 256


@dataclass(frozen=True, slots=True)
class StringBuilder:
    """A block without a value stops it, unless ``is_replace_missing`` puts nothing there."""

    name: str
    is_enabled: bool
    template: str
    target: str
    is_replace_missing: bool = False

    def effects(self) -> Effects:
        """It sets its target, by the values of its blocks."""
        return Effects(tuple(_BLOCK.findall(self.template)), frozenset({self.target}))

    def step(self) -> Step:
        """Builds the text and sets the target to it."""
        pieces = _BLOCK.split(self.template)  # raw text and paths in turn
        set_target, replace_missing = target(self.target), self.is_replace_missing
        blocks = [(_block(path), raw) for path, raw in zip(pieces[1::2], pieces[2::2], strict=True)]

        def step(log: Log, _run: Run) -> None:
            built = pieces[:1]
            for text_of, raw in blocks:
                text = text_of(log)
                if not text and not replace_missing:
                    return
                built += [text, raw]
            set_target(log, "".join(built)[:_LONGEST_RESULT])

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _block(path: str) -> Callable[[Log], str]:
    if path not in RESERVED:
        return lambda log: joined(log.attributes, path)
    read_source = source(path)
    return lambda log: as_text(read_source(log)) or ""


def _read(reader: Reader) -> StringBuilder:
    return StringBuilder(
        *common(reader),
        template=reader.text("template"),
        target=reader.text("target"),
        is_replace_missing=reader.flag("is_replace_missing"),
    )


KIND = Kind(
    "string-builder-processor",
    ("is_replace_missing", "target", "template"),
    _read,
    "sets an attribute to a text made of others",
)
