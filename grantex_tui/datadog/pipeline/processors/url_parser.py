"""``url-parser``: the parts of a URL as an object under the target.

Datadog: logs/log_configuration/processors/url_parser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.log_values import first_source, target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.urls import parse_url


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class UrlParser:
    """A text that is no URL leaves the log as it is."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    normalize_ending_slashes: bool = False

    def effects(self) -> Effects:
        """It sets its target."""
        return Effects(self.sources, frozenset({self.target}))

    def step(self) -> Step:
        """Parses the first source that is there."""
        read_first, set_target = first_source(self.sources), target(self.target)
        normalize = self.normalize_ending_slashes

        def step(log: Log, _run: Run) -> None:
            value = read_first(log)
            if isinstance(value, str):
                parts = parse_url(value, normalize_ending_slashes=normalize)
                if parts:
                    set_target(log, parts)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _read(reader: Reader) -> UrlParser:
    return UrlParser(
        *common(reader),
        sources=reader.texts("sources", ("http.url",)),
        target=reader.text("target", "http.url_details"),
        normalize_ending_slashes=reader.flag("normalize_ending_slashes"),
    )


KIND = Kind(
    "url-parser",
    ("normalize_ending_slashes", "sources", "target"),
    _read,
    "takes a URL apart",
)
