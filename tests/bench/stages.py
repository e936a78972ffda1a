"""Runs `grantex-tui` as it is and notes on which stage each thread spends its CPU time.

    stages.py FILE SOURCE_PORT ARGUMENT...

After each millisecond of CPU time (or as often as the system's clock ticks) it looks at all threads,
and charges what a thread's own CPU clock has gone on by to the stage of the code that it is in. A
signal does that: a thread that samples would see little but calls that let other threads run. FILE
gets the seconds as JSON, and how often the source's sockets were read.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from asyncio import selector_events
from collections import Counter, defaultdict
from pathlib import Path
from types import FrameType

from grantex_tui.cli.main import main as grantex_tui


EVERY = 0.001
START, IDLE = "start-up", "wake-ups"
STAGES = (START, "read", "decode", "journal", "count", "encode", "compress", "send", IDLE)
_OF_CODE = (
    ("grantex_tui/delivery/compression", "compress"),
    ("grantex_tui/delivery/batch", "encode"),
    ("grantex_tui/delivery/encod", "encode"),
    ("grantex_tui/delivery/", "send"),
    ("grantex_tui/events/kept/", "journal"),
    ("grantex_tui/events/live/stream", "decode"),
    ("grantex_tui/events/live/merge", "decode"),
    ("grantex_tui/events/live/lacking", "decode"),
    ("grantex_tui/events/live/arrived", "decode"),
    ("grantex_tui/events/live/", "read"),
    ("grantex_tui/events/", "decode"),
    ("grantex_tui/monitoring/", "count"),
    ("grantex_tui/watch/tally", "count"),
    ("grantex_tui/watch/monitors", "count"),
    ("grantex_tui/watch/", IDLE),
)


class Stages:
    """Where the time went."""

    def __init__(self, source_port: int) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.receives: Counter[int] = Counter()
        """By second: how often a socket of the source's was read."""
        self._port = source_port
        self._spent: dict[int, float] = {}
        self._work: defaultdict[int, str] = defaultdict(lambda: "compress")
        self._has_begun = False
        self._known: dict[str, str] = {}

    def watch(self) -> None:
        """Sample until the process ends."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def _sample(self, _: int, interrupted: FrameType | None) -> None:
        own = threading.get_ident()
        for thread, frame in sys._current_frames().items():
            stage = self._stage(interrupted if thread == own else frame)
            if thread != own:
                # A worker that waits now has worked since the last look: at what it is made for.
                stage = self._work[thread] = self._work[thread] if stage == IDLE else stage
            self._charge(thread, stage)

    def _charge(self, thread: int, stage: str) -> None:
        try:
            now = time.clock_gettime(time.pthread_getcpuclockid(thread))
        except OSError:  # it has just ended
            return
        self._has_begun |= stage == "journal" and bool(self.receives)
        self.seconds[stage if self._has_begun else START] += now - self._spent.get(thread, 0.0)
        self._spent[thread] = now

    def _stage(self, frame: FrameType | None) -> str:
        while frame is not None:
            code = frame.f_code
            if code.co_name == "_read_ready":
                return "read" if self._is_source(frame.f_locals.get("self")) else "send"
            path = code.co_filename
            if path not in self._known:
                found = (stage for part, stage in _OF_CODE if part in path)
                self._known[path] = next(found, "")
            if stage := self._known[path]:
                return stage
            frame = frame.f_back
        return IDLE

    def _is_source(self, transport: object) -> bool:
        if not isinstance(transport, asyncio.Transport):
            return False
        peer = transport.get_extra_info("peername")
        return bool(peer) and peer[1] == self._port

    def count_receives(self) -> None:
        """Count them where asyncio reads a socket."""
        read = selector_events._SelectorSocketTransport._read_ready  # type: ignore[attr-defined]

        def counted(transport: object) -> None:
            if self._is_source(transport):
                self.receives[int(time.monotonic())] += 1
            read(transport)

        counted.__name__ = "counted"
        selector_events._SelectorSocketTransport._read_ready = counted  # type: ignore[attr-defined]

    def report(self) -> dict[str, object]:
        seconds = sorted(self.receives)[1:-1]  # whole ones only
        most = max((self.receives[second] for second in seconds), default=0)
        return {"seconds": self.seconds, "receives_a_second": most}


def main() -> None:
    file, port, *arguments = sys.argv[1:]
    stages = Stages(int(port))
    stages.count_receives()
    stages.watch()
    sys.argv = ["grantex-tui", *arguments]
    try:
        code = grantex_tui()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        Path(file).write_text(json.dumps(stages.report()), "utf-8")
    sys.exit(code)


if __name__ == "__main__":
    main()
