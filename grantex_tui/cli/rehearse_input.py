"""What the rehearsal commands share: events from recordings or a scenario, monitors, a delivery."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.cli.options import add_sender, duration, sender_from
from grantex_tui.errors import InvalidFileError, UsageError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.events.entry import Sender
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Pass
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan
    from grantex_tui.rehearsal.spec.monitors import NamedMonitors
    from grantex_tui.rehearsal.suite.run import Known
    from grantex_tui.words.durations import Moment

DELIVERIES = ("guide", "watch", "instant")
MONITOR_ENDINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Input:
    """Everything that a pass of monitors needs, from the command line."""

    known: Known
    plan: RehearsalPlan
    names: NamedMonitors
    delivery: DeliveryModel
    phases: tuple[int, ...]
    start: float | None
    end: float | None
    spool: object = None
    """Keeps a copy of standard input for as long as it is needed."""

    def passes(
        self,
        plan: RehearsalPlan | None = None,
        *,
        with_tracks: bool = False,
        with_notifications: bool = True,
    ) -> list[Pass]:
        """Evaluate the monitors over the events, once for each phase.

        Args:
            plan: other monitors than the named ones.
            with_tracks: keep every evaluation.
            with_notifications: keep what people would have got.

        Raises:
            GrantexTuiError: The events can't be read.
        """
        from grantex_tui.rehearsal.engine.run import run_phases
        from grantex_tui.rehearsal.measure.incidents import covered

        return run_phases(
            self.known.make_events,
            self.plan if plan is None else plan,
            source=self.known.name,
            delivery=self.delivery,
            phases=self.phases,
            incidents=covered(self.known.incidents, self.start, self.end),
            start=self.start,
            end=self.end,
            with_tracks=with_tracks,
            with_notifications=with_notifications,
        )


def add_events(parser: argparse.ArgumentParser) -> None:
    """The options that say which events there are; recordings are ``args.recordings``."""
    group = parser.add_argument_group("events")
    group.add_argument(
        "--scenario", metavar="NAME",
        help="simulate a scenario (a bundled one's name, or a file) instead of recordings",
    )  # fmt: skip
    group.add_argument("--seed", type=int, metavar="N", help="of the scenario")
    group.add_argument(
        "--start", metavar="TIME", help="evaluations begin after it (2026-01-05T09:00:00Z)"
    )
    group.add_argument(
        "--end", metavar="TIME", help="what comes later is left out (an instant, or +6h)"
    )
    group.add_argument(
        "--incidents", metavar="FILE",
        help="what really happened; RECORDING.incidents.json beside a recording is found",
    )  # fmt: skip
    group = parser.add_argument_group("delivery and evaluation")
    group.add_argument(
        "--delivery", choices=DELIVERIES, default="watch",
        help="how events reach Datadog: guide (batches of 100, no timer), watch (batches of 100, "
        "5 s; the default) or instant",
    )  # fmt: skip
    group.add_argument(
        "--latency", type=duration, default=0.0, metavar="DURATION",
        help="from a batch's leaving to Datadog's counting it",
    )  # fmt: skip
    group.add_argument(
        "--phase", type=_phases, default=(0,), metavar="PHASE",
        help="by which evaluations lie past the full minute (0s to 59s), or sweep: 0s, 10s, … 50s",
    )  # fmt: skip


def add_monitors(parser: argparse.ArgumentParser) -> None:
    """The options that say which monitors there are, and how logs are made for them."""
    group = parser.add_argument_group("monitors")
    group.add_argument(
        "--monitors", action="append", metavar="FILE",
        help="a monitor file, a folder or pattern of them, pack, or pack/NAME; may be repeated "
        "(default: pack, the bundled ones)",
    )  # fmt: skip
    add_pipeline(group)


def add_pipeline(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """The options that say how logs are made of events."""
    parser.add_argument(
        "--pipeline", action="append", metavar="FILE",
        help="a log pipeline instead of the bundled one; may be repeated. Logs of an archive have "
        "been through Datadog's; with this option they go through this one, too",
    )  # fmt: skip
    add_sender(parser)


def input_from(
    args: argparse.Namespace,
    monitors: Sequence[str] | None = None,
    *,
    need_monitors: bool = True,
    reread: bool = False,
) -> Input:
    """What the command line says.

    Args:
        args: with the attributes of `add_events` and `add_pipeline`, and ``recordings``.
        monitors: files or names, instead of ``args.monitors``.
        need_monitors: whether it is a mistake that there are none.
        reread: whether the events are read more than once; standard input is kept for that.

    Raises:
        UsageError: There are no events, or options contradict each other.
        InvalidFileError: A file is wrong.
    """
    _check_events(args)
    again = reread or (args.end or "").startswith("+")
    spool = _spooled() if again and "-" in args.recordings else None
    known, start, end = _events(args, "-" if spool is None else spool.name)
    names = monitors if monitors is not None else args.monitors or ["pack"]
    plan, named = plan_from(names, args.pipeline, sender_from(args))
    if need_monitors and not plan.monitors:
        raise UsageError("there is no monitor", hint="Name a monitor file with --monitors.")
    return Input(known, plan, named, delivery_from(args), args.phase, start, end, spool)


def plan_from(
    names: Sequence[str], pipelines: Sequence[str] | None, sender: Sender | None = None
) -> tuple[RehearsalPlan, NamedMonitors]:
    """The monitors of files, folders, patterns and the pack, with what they are called.

    Raises:
        InvalidFileError: One is wrong.
        UsageError: There is no such file.
    """
    from grantex_tui.rehearsal.spec.monitors import NotFoundError, plan_of

    try:
        files = [file for name in names for file in monitor_files(name)]
        return plan_of(files, pipelines or (), sender=sender)
    except NotFoundError as error:
        raise UsageError(error.what, hint=sentence(error.todo)) from None


def monitor_files(name: str) -> list[str]:
    """The files that a name of monitors means: itself, a folder's, those that match a pattern.

    Raises:
        UsageError: There is none.
    """
    from pathlib import Path

    from grantex_tui.rehearsal.spec.monitors import NotFoundError, expand, is_pack

    if is_pack(name) and not Path(name).exists():
        return [name]
    folder = Path(name)
    if folder.is_dir():
        files = sorted(
            str(path) for path in folder.iterdir() if path.name.endswith(MONITOR_ENDINGS)
        )
        if not files:
            raise InvalidFileError("the folder holds no monitor file", path=name)
        return files
    try:
        return expand(name, Path())
    except NotFoundError as error:
        raise UsageError(error.what, hint="Check the path.") from None


def delivery_from(args: argparse.Namespace) -> DeliveryModel:
    """The delivery model of ``--delivery`` and ``--latency``."""
    from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH

    model = {each.name: each for each in (GUIDE, WATCH, INSTANT)}[args.delivery]
    return replace(model, latency=args.latency) if args.latency else model


def find_monitor(names: NamedMonitors, name: str, group: str | None = None) -> tuple[int, Group]:
    """The position of the monitor that a person names, and the pairs that its group must hold.

    A name may also be part of the monitor's, if it is of only one.

    Raises:
        UsageError: There is no such monitor, or it has no such group.
    """
    from grantex_tui.rehearsal.spec.monitors import NotFoundError

    wanted: str | int = int(name) if name.isdecimal() else name
    parts = [each.name for each in names.monitors if name.casefold() in each.name.casefold()]
    exact = {each.name for each in names.monitors} | set(names.short)
    if name not in exact and len(parts) == 1:
        wanted = parts[0]
    try:
        meant = names.meant(wanted, group)
    except NotFoundError as error:
        raise UsageError(error.what, hint=sentence(error.todo)) from None
    return meant.index, meant.pairs


def instant(text: str, start: float | None) -> float:
    """Epoch seconds of ``2026-01-05T09:00:00Z`` or ``+2h10m`` after *start*.

    Raises:
        UsageError: It is neither.
    """
    moment = _moment(text)
    if moment.relative and start is None:
        raise UsageError(
            f"{text!r} is counted from a start that isn't known",
            hint="Write an instant such as 2026-01-05T09:00:00Z.",
        )
    return moment.on(start or 0.0)


def _moment(text: str) -> Moment:
    import re

    from grantex_tui.words.durations import OFFSET, parse_moment

    try:
        return parse_moment(text)
    except ValueError:
        what = "is more than ten years" if re.fullmatch(OFFSET, text) else "is no instant"
        raise UsageError(
            f"{text!r} {what}", hint="Write 2026-01-05T09:00:00Z, or +2h10m after the start."
        ) from None


def sentence(text: str) -> str:
    """A hint as a sentence of its own."""
    return text[:1].upper() + text[1:] + "." if text else ""


def _check_events(args: argparse.Namespace) -> None:
    if bool(args.recordings) == bool(args.scenario):
        problem = "recordings and --scenario together" if args.scenario else "there are no events"
        raise UsageError(problem, hint="Name a recording, or a scenario with --scenario.")
    if args.seed is not None and not args.scenario:
        raise UsageError("--seed without --scenario", hint="Recordings have no seed.")


class _Spool:
    """A file that is gone when nobody holds this any more, or the process ends."""

    def __init__(self, name: str) -> None:
        import weakref
        from pathlib import Path

        self.name = name
        weakref.finalize(self, Path(name).unlink, missing_ok=True)


def _spooled() -> _Spool:
    """A copy of standard input."""
    import os
    import shutil
    import sys
    import tempfile

    number, name = tempfile.mkstemp(prefix="grantex-tui-")
    spool = _Spool(name)
    with os.fdopen(number, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return spool


def _events(
    args: argparse.Namespace, standard_input: str
) -> tuple[Known, float | None, float | None]:
    from grantex_tui.rehearsal.engine.simulated import simulate
    from grantex_tui.rehearsal.spec.rehearsal import Source
    from grantex_tui.rehearsal.suite.run import first_instant, known_source

    begin = None if args.start is None else instant(args.start, None)
    end = None if args.end is None else _moment(args.end)
    recordings = tuple(standard_input if name == "-" else name for name in args.recordings)
    source = Source(recordings, args.scenario or "", args.seed, begin, end)
    known = known_source(source, simulate, args.incidents)
    if standard_input != "-":
        known = replace(known, name=known.name.replace(standard_input, "standard input"))
    start = known.start if begin is None else begin
    if end is not None and end.relative and start is None:
        start = first_instant(known)
    until = known.end if end is None else end.on(start or 0.0)
    if start is not None and until is not None:
        _check_span(start, until)
    return known, start, until


def _check_span(start: float, end: float) -> None:
    from grantex_tui.words.durations import LONGEST, instant_text

    hint = "Check --start and --end."
    if end <= start:
        what = f"the end {instant_text(end)} is not after the start {instant_text(start)}"
        raise UsageError(what, hint=hint)
    if end - start > LONGEST:
        raise UsageError("from the start to the end it is more than ten years", hint=hint)


def _phases(text: str) -> tuple[int, ...]:
    from grantex_tui.rehearsal.engine.run import sweep_phases
    from grantex_tui.words.durations import parse_duration

    if text == "sweep":
        return tuple(sweep_phases())
    try:
        phase = parse_duration(text)
    except ValueError:
        phase = 60.0
    if phase > 59 or phase % 1:
        raise argparse.ArgumentTypeError("give whole seconds from 0s to 59s, or sweep")
    return (int(phase),)
