"""Delivery to Datadog: refused, failing, hanging, behind, and what was refused for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.delivery.verdict import KEY_REFUSED, NO_INTAKE
from grantex_tui.watch.troubles.trouble import About, Rank, Trouble
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.delivery.status import DeliveryView
    from grantex_tui.watch.frame import Frame

_BEHIND = 60.0
"""Seconds that the oldest event without a verdict may have waited."""
_KEPT = "Everything is kept in the journal and goes out once the intake takes it."


def find(frame: Frame) -> Iterator[Trouble]:
    """The state, then dead letters, then lateness."""
    view = frame.delivery
    if view.state is DeliveryState.OFF:
        return
    if view.state in _STATES:
        yield _STATES[view.state](view)
    elif view.detail:
        yield Trouble(
            Rank.FAILING, About.DELIVERY, "disk refuses", f"delivery goes on, but {view.detail}",
            "Free space on the journal's disk; nothing is lost by it yet.", view.since,
        )  # fmt: skip
    if view.dead_lettered:
        yield _dead_letters(view)
    if (behind := behind_by(view, frame.now)) >= _BEHIND:
        yield _behind(view, behind, frame.now)


def behind_by(view: DeliveryView, now: float) -> float:
    """Age in seconds of the oldest event without a verdict; 0 when none waits."""
    return 0.0 if view.pending_since is None else max(0.0, now - view.pending_since)


def _held(view: DeliveryView) -> Trouble:
    word, remedy = "delivery held", f"See what it says. {_KEPT}"
    if KEY_REFUSED in view.detail:
        word = "key refused"
        remedy = f"Check DD_API_KEY and --site; a key file is read again by itself. {_KEPT}"
    elif NO_INTAKE in view.detail:
        word = "no intake there"
        remedy = f"Check --site or --intake-url. {_KEPT}"
    elif "not what Datadog" in view.detail or "nothing was delivered" in view.detail:
        word = "not Datadog's answer"
        remedy = f"Somebody in between answers: a proxy, a login page, a gateway. {_KEPT}"
    what = f"delivery is held: {view.detail or 'the intake refuses us'}"
    return Trouble(Rank.STUCK, About.DELIVERY, word, what, remedy, view.since)


def _retrying(view: DeliveryView) -> Trouble:
    status = view.last_requests[0].status if view.last_requests else None
    word = "intake down" if status is None else f"intake says {status}"
    what = f"the intake fails: {view.detail or 'it does not say how'}"
    remedy = f"It is tried again by itself; R tries now. {_KEPT}"
    return Trouble(Rank.FAILING, About.DELIVERY, word, what, remedy, view.since)


def _unanswered(view: DeliveryView) -> Trouble:
    what = f"the intake hangs: {view.detail or 'no answer'}"
    remedy = f"It is asked again when the request times out. {_KEPT}"
    return Trouble(Rank.FAILING, About.DELIVERY, "intake hangs", what, remedy, view.since)


_STATES = {
    DeliveryState.HELD: _held,
    DeliveryState.RETRYING: _retrying,
    DeliveryState.UNANSWERED: _unanswered,
}


def _dead_letters(view: DeliveryView) -> Trouble:
    number = count(view.dead_lettered, "dead letter")
    last = view.dead_letters[-1] if view.dead_letters else None
    what = number if last is None else f"{number}, last {last.event_id}: {last.reason}"
    remedy = "They are in dead-letter.ndjson; `grantex-tui journal redeliver` sends them again."
    return Trouble(Rank.LOST, About.DELIVERY, number, what, remedy)


def _behind(view: DeliveryView, behind: float, now: float) -> Trouble:
    age = duration_text(round(behind) // 60 * 60)
    return Trouble(
        Rank.BEHIND,
        About.DELIVERY,
        f"behind {age}",
        f"delivery is behind by {age}, {count(view.pending, 'event')} wait",
        "It catches up by itself once the intake keeps up.",
        now - behind,
    )
