"""What a run that has ended must answer for, and so its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.errors import DatadogRefusedError, GrantexRefusedError, GrantexTuiError, LossError


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.delivery.status import DeliveryView
    from grantex_tui.events.live.connection import ConnectionView


def first_failure(*failures: GrantexTuiError | None) -> GrantexTuiError | None:
    """The first that there is: the worst comes first."""
    return next((failure for failure in failures if failure is not None), None)


def loss(dropped: Iterable[tuple[str, int]]) -> GrantexTuiError | None:
    """Events that had been received, or kept by an earlier run, and are lost."""
    reasons = [f"{count:,} {reason}" for reason, count in dropped if count]
    if not reasons:
        return None
    return LossError(
        f"events were lost: {', '.join(reasons)}",
        hint="`grantex-tui journal verify` says which, as far as the journal knows.",
    )


def refused_logs(delivery: DeliveryView, *, is_kept: bool) -> GrantexTuiError | None:
    """Undelivered events that the intake refuses."""
    if delivery.state is not DeliveryState.HELD or not delivery.pending:
        return None
    return DatadogRefusedError(
        f"{delivery.target} refuses the logs: {delivery.detail}; "
        f"{delivery.pending:,} events are undelivered",
        hint="They are kept in the journal and go out at the next start."
        if is_kept
        else "Without a journal they are lost now.",
    )


def never_connected(failed: ConnectionView | None, seconds: float | None) -> GrantexTuiError | None:
    """A run for a time in which no attempt brought a stream.

    Args:
        failed: the last attempt that failed, if none succeeded. One that still waits for its answer
            is no failure: on a quiet stream that takes 30 s.
        seconds: for how long the run was to last, if it was told.
    """
    if failed is None or seconds is None:
        return None
    detail = f": {failed.detail}" if failed.detail else ""
    return GrantexRefusedError(
        f"in {seconds:g} s there was no stream{detail}", hint="Check --url and the network."
    )
