"""``/_sim/scenario``: begin to emit another scenario while the server runs."""

from __future__ import annotations

from math import inf
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.http.json_text import read_json
from grantex_sim.http.reply import json_reply, problem
from grantex_tui.errors import GrantexTuiError
from grantex_tui.words.display import printable
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.http.wire import Request
    from grantex_sim.scenario import Scenario

_LONGEST: Final = 400
PATH: Final = "/_sim/scenario"
ROUTES: Final = {
    "POST /_sim/scenario": '{"name": "quiet"} or {"text": "<a scenario file>"}, and if wanted '
    '"path" (what messages call the text), "speed" (0: as fast as clients read), "seed", "duration" (such as 2h), "now" (true: events are '
    "dated from now on); it begins once a client listens, instead of what was emitted",
}


class _Asked(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is asked for."""

    name: str | None = None
    text: str | None = None
    path: str = "posted"
    """What messages call the text."""
    speed: float = 0.0
    seed: int | None = None
    duration: float | str | None = None
    now: bool = False


class ScenarioRoutes:
    """Answers requests to ``/_sim/scenario``.

    Args:
        begin: Emits a scenario from now on, at a speed, dated from now on or as it says.
    """

    def __init__(self, begin: Callable[[Scenario, float, bool], None]) -> None:
        self._begin = begin

    def answer(self, request: Request) -> bytes | None:
        """The answer to *request*; None if it is not for this route."""
        if request.path.rstrip("/") != PATH:
            return None
        if request.method != "POST":
            return problem(405, f"{request.method} {PATH}", "POST.")
        try:
            asked = msgspec.convert(read_json(request.body), _Asked)
            scenario = _scenario(asked)
            self._begin(scenario, asked.speed, asked.now)
        except GrantexTuiError as error:
            return problem(400, error.message, error.hint)
        except (msgspec.MsgspecError, ValueError) as error:
            return problem(400, str(error), f"POST {PATH} with {ROUTES[f'POST {PATH}']}.")
        return json_reply(200, {"scenario": scenario.name, "seed": scenario.seed})


def _scenario(asked: _Asked) -> Scenario:
    """The scenario asked for; a name is never a file's, which only the server could read."""
    from grantex_sim.scenario import read_scenario
    from grantex_sim.scenario.bundled import bundled_names, changed, load_scenario

    if not 0 <= asked.speed < inf:
        raise ValueError("speed is a number from 0 up")
    if (asked.name is None) == (asked.text is None):
        raise ValueError("either name or text")
    if asked.text is not None:
        path = printable(asked.path, limit=_LONGEST)
        scenario = read_scenario(asked.text, path=path, name=PurePath(path).stem or path)
    elif asked.name in bundled_names():
        scenario = load_scenario(asked.name)
    else:
        names = ", ".join(bundled_names())
        raise ValueError(f"no scenario is called {asked.name!r}; there are: {names}")
    duration = None if asked.duration is None else parse_duration(asked.duration)
    return changed(scenario, seed=asked.seed, start=None, duration=duration)
