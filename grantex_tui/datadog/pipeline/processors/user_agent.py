"""``user-agent-parser``: browser, system and device, by the open database of ua-parser.

Datadog: logs/log_configuration/processors/user_agent_parser. The database is that of an extra,
``grantex-tui[user-agent]``; without it the processor is not evaluated, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from grantex_tui.datadog.pipeline import user_agents
from grantex_tui.datadog.pipeline.log_values import first_source, target
from grantex_tui.datadog.pipeline.processor import (
    Effects,
    Kind,
    common,
    not_evaluated,
    not_evaluated_note,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


_TYPE = "user-agent-parser"


@dataclass(frozen=True, slots=True)
class UserAgentParser:
    """The first source that is there."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    is_encoded: bool = False

    def effects(self) -> Effects:
        """It sets its target, if the database is there."""
        written = frozenset({self.target})
        if user_agents.is_installed():
            return Effects(self.sources, written)
        notes = (not_evaluated_note(_TYPE, user_agents.EXTRA),)
        return Effects(self.sources, unevaluated=written, notes=notes)

    def step(self) -> Step | None:
        """Looks the user agent up."""
        if not user_agents.is_installed():
            return None
        read_first, set_target, is_encoded = (
            first_source(self.sources),
            target(self.target),
            self.is_encoded,
        )

        def step(log: Log, _run: Run) -> None:
            text = read_first(log)
            if isinstance(text, str):
                set_target(
                    log, user_agents.parse_user_agent(unquote_plus(text) if is_encoded else text)
                )

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """That it is not evaluated, if it isn't."""
        if not user_agents.is_installed():
            yield not_evaluated(reader, _TYPE, user_agents.EXTRA)


def _read(reader: Reader) -> UserAgentParser:
    return UserAgentParser(
        *common(reader),
        sources=reader.texts("sources", ("http.useragent",)),
        target=reader.text("target", "http.useragent_details"),
        is_encoded=reader.flag("is_encoded"),
    )


KIND = Kind(
    _TYPE,
    ("is_encoded", "sources", "target"),
    _read,
    "names browser, system and device of a user agent",
    "needs `grantex-tui[user-agent]`, else not evaluated; a device's category is guessed",
)
