"""The forwarder's planted bugs: one each, and what it makes of an event, a batch or an answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.verdicts.forwarder import Forwarder
    from tests.verdicts.paths import Received


def _keep(_forwarder: Forwarder, _event: Received) -> bool:
    return True


def _all(_forwarder: Forwarder, batch: Sequence[str]) -> Sequence[str]:
    return batch


def _again(_forwarder: Forwarder, _status: int | None, _tries: int) -> str:
    return "retry"


def _nothing(_forwarder: Forwarder) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """What a forwarder does wrong; without any of it, nothing."""

    name: str
    takes: Callable[[Forwarder, Received], bool] = _keep
    """Whether an event that came is put into the queue."""
    sends: Callable[[Forwarder, Sequence[str]], Sequence[str]] = _all
    """What of a batch goes out."""
    after: Callable[[Forwarder, int | None, int], str] = _again
    """After an answer that is no 2xx (None: none came) and so many tries: ``retry``, ``drop``, or
    ``done`` for what only looks delivered."""
    splits: bool = True
    """Whether a batch that is answered 400 or 413 is halved."""
    on_cut: Callable[[Forwarder], None] = _nothing
    """When a connection to a path has ended."""


def _on(*statuses: int | None) -> Callable[[Forwarder, int | None, int], str]:
    return lambda _forwarder, status, _tries: "drop" if status in statuses else "retry"


def _forget(forwarder: Forwarder) -> None:
    forwarder.drop([*forwarder.pending])


def _only_newest(forwarder: Forwarder, event: Received) -> bool:
    del event
    while len(forwarder.pending) > 150:
        forwarder.drop([next(iter(forwarder.pending))])
    return True


def _one_of_a_type_and_size(forwarder: Forwarder, event: Received) -> bool:
    forwarder.memory[event.type, len(event.text)] += 1
    return forwarder.memory[event.type, len(event.text)] != 3


def _spares_97(forwarder: Forwarder, _event: Received) -> bool:
    forwarder.memory["taken"] += 1
    return bool(forwarder.memory["taken"] % 97)


REFERENCE = Bug(name="reference")
MUTANTS = (
    Bug(name="drops a batch that is answered 503", after=_on(503)),
    Bug(name="drops a batch that is answered 429", after=_on(429)),
    Bug(name="drops a batch that is answered 408 or 307", after=_on(408, 307)),
    Bug(name="drops a batch that gets no answer", after=_on(None)),
    Bug(name="drops a batch that is answered 403", after=_on(403)),
    Bug(name="gives up after two tries", after=lambda _f, _s, tries: "drop" if tries > 1 else "retry"),
    Bug(name="halves nothing", splits=False, after=_on(400, 413)),
    Bug(name="asks for no answer", after=lambda *_: "done"),
    Bug(name="forgets the last of a full batch", sends=lambda _f, batch: batch[:-1] if len(batch) > 99 else batch),
    Bug(name="forgets the first after each connect", takes=lambda f, event: event.number > 1 or f.connects < 3),
    Bug(name="forgets what waits when a stream ends", on_cut=_forget),
    Bug(name="keeps only the newest that wait", takes=_only_newest),
    Bug(name="takes one line of an event for all", takes=lambda _f, event: event.lines == 1),
    Bug(name="knows no bare CR", takes=lambda _f, event: not event.after_cr),
    Bug(name="stumbles over a byte order mark", takes=lambda _f, event: not event.after_bom),
    Bug(name="loses what comes in many pieces", takes=lambda _f, event: event.pieces < 4),
    Bug(name="drops what is large", takes=lambda _f, event: len(event.text) < 60_000),
    Bug(name="drops text that is no UTF-8", takes=lambda _f, event: "\ufffd" not in event.text),
    Bug(name="takes two events for one", takes=_one_of_a_type_and_size),
    Bug(name="drops one in 97", takes=_spares_97),
)  # fmt: skip
Memory = Counter[object]
