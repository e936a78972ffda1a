"""The monitors that a rehearsal file names: where they are, and what expectations call them."""

from __future__ import annotations

import difflib
import glob
import os.path
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.datadog.message.handles import handles
from grantex_tui.monitoring.count.event_logs import EventLogs
from grantex_tui.monitoring.definitions import (
    bundled_metrics,
    read_definitions,
    read_monitors,
    read_pipelines,
)
from grantex_tui.rehearsal.engine.plan import RehearsalPlan
from grantex_tui.rehearsal.expect.about import Meant
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.load import Other
    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.events.entry import Sender

PACK = "pack"
"""Stands for the monitors that come with this package; ``pack/heartbeat`` for one of them."""

_BEGUN = re.compile(r"@[\w.+@-]*(?=\{\{)")
"""What a template says of a handle that a variable completes."""


class NotFoundError(LookupError):
    """There is no such thing, or more than one; *todo* says what there is.

    *key* is that of an entry which names it.
    """

    def __init__(self, what: str, todo: str = "", *, key: str = "monitor") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.key = key


@dataclass(frozen=True, slots=True)
class NamedMonitors:
    """Monitors in their order, each with the short name that its file gives it."""

    monitors: Sequence[Monitor]
    short: Sequence[str]
    """The file's name without its ending; empty where a file holds several."""

    def meant(self, name: str | int, group: str | dict[str, str] | None) -> Meant:
        """The monitor that an expectation names, and the group of it.

        Raises:
            NotFoundError: There is no such monitor, or it has no such groups.
        """
        index = self._index(name)
        shown = printable(str(name), limit=100)
        return Meant(index, shown, self._pairs(self.monitors[index], shown, group))

    def all(self) -> tuple[Meant, ...]:
        """Every one of them."""
        return tuple(
            Meant(index, self.short[index] or printable(monitor.name, limit=100))
            for index, monitor in enumerate(self.monitors)
        )

    def check_handle(self, handle: str) -> None:
        """Look whether anybody could ever be told by a handle.

        Raises:
            NotFoundError: No monitor's message names it, so that whatever is said of it holds.
        """
        texts = [f"{each.message} {each.options.escalation_message}" for each in self.monitors]
        known = dict.fromkeys(name for text in texts for name in handles([(text, True)]))
        begun = (start for text in texts for start in _BEGUN.findall(text))
        if handle in known or any(handle.startswith(start) for start in begun):
            return
        near = difflib.get_close_matches(handle, known, 1)
        todo = f"did you mean {near[0]}?" if near else _listed(list(known)) or "none names anybody"
        raise NotFoundError(f"no message names {handle!r}", todo, key="to")

    def _index(self, name: str | int) -> int:
        by: tuple[Sequence[object], ...] = (
            [monitor.name for monitor in self.monitors],
            self.short,
            [monitor.id for monitor in self.monitors],
            [monitor.name.casefold() for monitor in self.monitors],
        )
        wanted = (name, name, name, str(name).casefold())
        for names, one in zip(by, wanted, strict=True):
            found = [index for index, each in enumerate(names) if each == one]
            if len(found) == 1:
                return found[0]
            if found:
                todo = "name it by its file or its id"
                raise NotFoundError(f"{len(found)} monitors are called {name!r}", todo)
        raise NotFoundError(f"there is no monitor {name!r}", self._known(str(name)))

    def _known(self, name: str) -> str:
        names = [
            short or monitor.name for short, monitor in zip(self.short, self.monitors, strict=True)
        ]
        near = difflib.get_close_matches(name, names, 1)
        if near:
            return f"did you mean {near[0]}?"
        return _listed(names)

    def _pairs(self, monitor: Monitor, name: str, group: str | dict[str, str] | None) -> Group:
        if group is None:
            return ()
        facets = monitor.group_by
        if not facets:
            raise NotFoundError(f"{name} has no groups", "leave group out", key="group")
        if isinstance(group, str):
            return _pairs_of_text(group, facets)
        return tuple((_facet(key, facets), value) for key, value in group.items())


def _listed(names: Sequence[str]) -> str:
    shown = f"there are {', '.join(names[:12])}{' …' if names[12:] else ''}"
    return shown if names else ""


def _pairs_of_text(text: str, facets: Sequence[str]) -> Group:
    """``facet:value,facet:value``, or the value alone of the only facet."""
    parts = [part.partition(":") for part in text.split(",")]
    try:
        if all(colon for _, colon, _ in parts):
            return tuple((_facet(key.strip(), facets), value) for key, _, value in parts)
    except NotFoundError:
        if len(facets) > 1:
            raise
    if len(facets) == 1:
        return ((facets[0], text),)
    raise NotFoundError(
        f"the group {text!r} names no facet", f"there are {', '.join(facets)}", key="group"
    )


def _facet(name: str, facets: Sequence[str]) -> str:
    """The facet that is meant by its name, with or without ``@`` and what comes before a dot.

    ``agent`` will do for ``@grantex.agent_id``, where no facet is called ``agent``.
    """
    bare = name.removeprefix("@")
    names = [f".{facet.removeprefix('@')}" for facet in facets]
    for wanted in (f".{bare}", f".{bare}_id"):
        found = [facet for facet, own in zip(facets, names, strict=True) if own.endswith(wanted)]
        if found:
            break
    if len(found) != 1:
        raise NotFoundError(
            f"there is no facet {name!r}", f"the groups are by {', '.join(facets)}", key="group"
        )
    return found[0]


def expand(pattern: str, folder: Path) -> list[str]:
    """The files that a path or pattern means, seen from *folder*.

    Raises:
        NotFoundError: There is none.
    """
    path = folder / Path(pattern).expanduser()
    if path.exists():
        return [str(path)]
    if glob.has_magic(pattern):
        names = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - absolute patterns too
        if names:
            return names
        raise NotFoundError(f"no file matches {pattern!r}", "paths are relative to this file")
    raise NotFoundError(f"there is no {pattern!r}", "paths are relative to this file")


def is_pack(name: str) -> bool:
    """Whether a name stands for bundled monitors."""
    return name == PACK or name.startswith(f"{PACK}/")


def plan_of(
    names: Sequence[str],
    pipelines: Sequence[str],
    *,
    evaluation_delay: int = 0,
    sender: Sender | None = None,
) -> tuple[RehearsalPlan, NamedMonitors]:
    """What to evaluate, and how to name it.

    Args:
        names: monitor files, or `PACK`.
        pipelines: files; none: the bundled one.
        evaluation_delay: in seconds, for monitors without one of their own.
        sender: what is put on the log of an event that doesn't tell.

    Raises:
        InvalidFileError: A file is wrong.
        NotFoundError: The bundle has no such monitor.
    """
    monitors: list[Monitor] = []
    short: list[str] = []
    metrics = bundled_metrics()
    left_out: list[Other] = []
    for name in _once(names):
        if is_pack(name):
            found = bundled(name)
            monitors += found.values()
            short += found
            continue
        own, named, others = read_definitions([name])
        left_out += others
        monitors += own
        short += [Path(name).stem if len(own) == 1 else ""] * len(own)
        metrics += [metric for metric in named if metric not in metrics]
    if left_out and not monitors:
        raise left_out[0].error
    if evaluation_delay:
        monitors = [_delayed(monitor, evaluation_delay) for monitor in monitors]
    read = read_pipelines(pipelines)
    plan = RehearsalPlan(
        monitors,
        read,
        metrics,
        EventLogs(read, sender, again=bool(pipelines)),
        left_out=[each.text for each in left_out],
    )
    return plan, NamedMonitors(monitors, short)


def _once(names: Sequence[str]) -> list[str]:
    """Each file once, whatever patterns and names it was found by; one twice would count twice."""
    own = [name for name in names if PACK not in names or not name.startswith(f"{PACK}/")]
    kept = {name if is_pack(name) else os.path.realpath(name): name for name in reversed(own)}
    return list(reversed(kept.values()))


def bundled(name: str) -> dict[str, Monitor]:
    """The bundled monitors that `PACK` or ``pack/NAME`` stands for, by their short names.

    Raises:
        NotFoundError: The pack has no such monitor.
    """
    from grantex_tui.pack import MONITORS

    wanted = name.partition("/")[2].removesuffix(".json")
    if wanted and wanted not in MONITORS:
        near = difflib.get_close_matches(wanted, MONITORS, 1)
        todo = f"did you mean {PACK}/{near[0]}?" if near else f"there are {', '.join(MONITORS)}"
        raise NotFoundError(f"there is no {name!r}", todo)
    return {wanted: _pack()[wanted]} if wanted else dict(_pack())


@cache
def _pack() -> Mapping[str, Monitor]:
    """All of them; a file of rehearsals asks for one after the other, and reading them takes 8 ms."""
    from grantex_tui.pack import MONITORS

    return dict(zip(MONITORS, read_monitors()[0], strict=True))


def _delayed(monitor: Monitor, seconds: int) -> Monitor:
    if monitor.options.evaluation_delay:
        return monitor
    return replace(monitor, options=replace(monitor.options, evaluation_delay=seconds))
