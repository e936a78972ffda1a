"""Finding scenarios: those that come with the package, by name, and files."""

from __future__ import annotations

import difflib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantex_sim.scenario.model import Incident
from grantex_sim.scenario.reader import read_scenario
from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.scenario.model import Scenario

_FOLDER: Final = "scenarios"
_ENDING: Final = ".yaml"
_FILE_ENDINGS: Final = (".yaml", ".yml", ".json")


def bundled_names() -> list[str]:
    """The scenarios that come with the package, by name, in alphabetical order."""
    folder = files("grantex_sim") / _FOLDER
    return sorted(
        entry.name.removesuffix(_ENDING)
        for entry in folder.iterdir()
        if entry.name.endswith(_ENDING)
    )


def bundled_scenarios() -> Mapping[str, str]:
    """Name → description of the scenarios that come with the package."""
    return {name: load_scenario(name).description for name in bundled_names()}


def load_scenario(
    name_or_path: str,
    *,
    seed: int | None = None,
    start: float | None = None,
    duration: float | None = None,
) -> Scenario:
    """A scenario that comes with the package, or a file's.

    Args:
        name_or_path: A name as `bundled_scenarios` has them; anything else is a file.
        seed: Instead of the file's.
        start: Instead of the file's (epoch seconds); incidents move along.
        duration: Instead of the file's (seconds); incidents after it are left out.

    Raises:
        UsageError: There is no such scenario.
        InvalidFileError: The file can't be read, or has mistakes.
    """
    return changed(_read(name_or_path), seed=seed, start=start, duration=duration)


def _read(name_or_path: str) -> Scenario:
    if name_or_path in bundled_names():
        text = (files("grantex_sim") / _FOLDER / f"{name_or_path}{_ENDING}").read_text("utf-8")
        return read_scenario(text, path=f"{name_or_path}{_ENDING}", name=name_or_path)
    path = Path(name_or_path)
    if not path.exists() and not name_or_path.endswith(_FILE_ENDINGS):
        raise UsageError(f"there is no scenario {printable(name_or_path)!r}", hint=_known(path))
    return read_scenario_file(path)


def _known(path: Path) -> str:
    near = difflib.get_close_matches(path.name, bundled_names(), n=1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(bundled_names())}."


def read_scenario_file(path: Path) -> Scenario:
    """A file's scenario.

    Raises:
        InvalidFileError: It can't be read, or has mistakes.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise InvalidFileError(f"can't be read: {error.strerror}", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise InvalidFileError(f"is no UTF-8: {error}", path=str(path)) from error
    return read_scenario(text, path=str(path), name=path.stem)


def changed(
    scenario: Scenario, *, seed: int | None, start: float | None, duration: float | None
) -> Scenario:
    """*scenario* with another seed, start or duration."""
    moved = 0.0 if start is None else start - scenario.start
    begin = scenario.start + moved
    lasts = scenario.duration if duration is None else duration
    incidents = tuple(
        Incident(each.label, each.start + moved, min(each.end + moved, begin + lasts))
        for each in scenario.incidents
        if each.start + moved < begin + lasts
    )
    return replace(
        scenario,
        seed=scenario.seed if seed is None else seed,
        start=begin,
        duration=lasts,
        incidents=incidents,
    )
