"""The forwarder's batches, event by event: the plain twin of `engine.delivery.Batches`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from grantex_tui.rehearsal.engine.delivery import arrival


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.rehearsal.engine.model import DeliveryModel


Item = TypeVar("Item")


def deliveries(
    received: Iterable[tuple[float, Item]], model: DeliveryModel
) -> Iterator[tuple[float, list[Item]]]:
    """The batches in which Datadog gets what was *received*, each with its arrival.

    A batch leaves when it is full, or when its first event is as old as the timer allows. One that
    never fills and has no timer never leaves. Arrivals never go back in time.

    Args:
        received: instant (epoch seconds) and event, in the order in which the forwarder had them.
        model: how it sends.
    """
    size, timer = model.batch_size, model.flush_interval
    batch: list[Item] = []
    due = 0.0
    now = 0.0
    for at, item in received:
        now = max(now, at)
        if batch and timer and due <= now:
            yield arrival(due, model), batch
            batch = []
        if not batch:
            due = now + timer
        batch.append(item)
        if len(batch) >= size:
            yield arrival(now, model), batch
            batch = []
    if batch and timer:
        yield arrival(due, model), batch
