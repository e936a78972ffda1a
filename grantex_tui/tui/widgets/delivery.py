"""Delivery to Datadog: the next batch, what waits, what was lost, and the last requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.tui.drawing.format import age, brief, countdown, short_count, size
from grantex_tui.tui.drawing.rows import cells, gauge, packed, row, spread
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from rich.style import Style
    from textual.strip import Strip

    from grantex_tui.delivery.status import DeliveryView, RequestRecord
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame


def draw_delivery(frame: Frame, look: Look, width: int, height: int) -> list[Strip]:
    """The state first, then as much as there is room for; requests get at least two rows."""
    delivery = frame.delivery
    if delivery.state is DeliveryState.OFF:
        return [row(width, [(fit("not forwarding to Datadog", width), look.palette.faint)])]
    rows = [_batch(delivery, frame.now, look, width), _accounts(delivery, look, width)]
    if delivery.detail and delivery.state is not DeliveryState.OK:
        style = state_style(delivery.state, look)
        rows.insert(0, row(width, [(fit(delivery.detail, width), style)]))
    losses = _losses(delivery, look, width)
    if height >= 6 or delivery.dropped or delivery.dead_lettered:
        rows.append(losses)
    requests = delivery.last_requests[: max(0, height - len(rows))]
    rows += [_request(record, frame.now, look, width) for record in requests]
    if not requests and len(rows) < height:
        rows.append(row(width, [("no requests yet", look.palette.faint)]))
    return rows


def state_style(state: DeliveryState, look: Look) -> Style:
    """The style of *state*'s word."""
    palette = look.palette
    return {
        DeliveryState.OK: palette.good,
        DeliveryState.RETRYING: palette.warn,
        DeliveryState.HELD: palette.bad,
        DeliveryState.UNANSWERED: palette.warn,
        DeliveryState.DRAINING: palette.accent,
    }.get(state, palette.muted)


def _batch(delivery: DeliveryView, now: float, look: Look, width: int) -> Strip:
    palette = look.palette
    fill = f" {delivery.batch_fill}/{delivery.batch_size}"
    right: list[Span] = [(fill, palette.strong), (f"  {next_event(delivery, now)}", palette.muted)]
    name = "batch " if width >= cells(right) + 12 else ""
    room = max(0, min(30, width - len(name) - cells(right)))
    share = delivery.batch_fill / delivery.batch_size if delivery.batch_size else 0.0
    filled, empty = gauge(share, room, look.glyphs)
    left: list[Span] = [(name, palette.muted), (filled, palette.accent), (empty, palette.track)]
    return row(width, [*left, *right])


def next_event(delivery: DeliveryView, now: float) -> str:
    """What happens next: a retry, a flush by age, or a flush once the batch is full."""
    if delivery.retry_at is not None:
        return f"retry in {countdown(delivery.retry_at - now)}"
    if delivery.next_flush_at is not None:
        return f"flush in {countdown(delivery.next_flush_at - now)}"
    return "idle" if not delivery.pending else "flush when full"


def _accounts(delivery: DeliveryView, look: Look, width: int) -> Strip:
    palette = look.palette
    items: list[list[Span]] = [
        [("delivered ", palette.muted), (f"{delivery.delivered:,}", palette.strong)],
        [("pending ", palette.muted), (f"{delivery.pending:,}", palette.strong)],
        [("in flight ", palette.muted), (str(delivery.in_flight), palette.strong)],
        [("retries ", palette.muted), (f"{delivery.retries:,}", palette.strong)],
    ]
    return row(width, packed(width, items, ("  ", None)))


def _losses(delivery: DeliveryView, look: Look, width: int) -> Strip:
    palette = look.palette
    dead, dropped = delivery.dead_lettered, sum(count for _, count in delivery.dropped)
    items: list[list[Span]] = [
        [("dead-lettered ", palette.muted), (f"{dead:,}", palette.bad if dead else palette.strong)],
        [("dropped ", palette.muted), (f"{dropped:,}", palette.bad if dropped else palette.strong)],
    ]
    items += [
        [(fit(reason, min(24, len(reason))), palette.muted), (f" {count:,}", palette.bad)]
        for reason, count in delivery.dropped
    ]
    return row(width, packed(width, items, ("  ", None)))


def _request(record: RequestRecord, now: float, look: Look, width: int) -> Strip:
    palette, glyphs = look.palette, look.glyphs
    fine = record.status is not None and 200 <= record.status < 300
    style = palette.good if fine else palette.bad
    status = "---" if record.status is None else str(record.status)
    seen = f" {age(now - record.at)}".rjust(7)
    parts: list[list[Span]] = [
        [(f"{glyphs.ok if fine else glyphs.alert} {status}", style)],
        [(short_count(record.entries).rjust(5), palette.strong)],
        [("logs", palette.muted)] if width >= 42 else [],
        [(size(record.wire_bytes).rjust(8), palette.text)],
        [(brief(record.duration).rjust(6), palette.text)],
    ]
    left = packed(width - len(seen), [part for part in parts if part], (" ", None))
    why = record.error or ("" if fine else record.verdict)
    room = width - cells(left) - len(seen) - 2
    if why and room >= 8:
        left += [("  ", None), (fit(why, room), palette.warn)]
    return spread(width, left, [(seen, palette.faint)])


def delivery_info(frame: Frame, look: Look) -> list[Span]:
    """The state's word, and where the logs go."""
    delivery = frame.delivery
    word: Span = (str(delivery.state), state_style(delivery.state, look))
    if not delivery.target:
        return [word]
    host = delivery.target.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return [(fit(host, min(28, len(host))), look.palette.muted), (" ", None), word]


def _key(frame: Frame) -> tuple[object, ...]:
    delivery = frame.delivery
    ages = tuple(age(frame.now - record.at) for record in delivery.last_requests)
    return delivery, next_event(delivery, frame.now), ages


DELIVERY: View[Frame] = View(draw=draw_delivery, key=_key, title="Delivery", info=delivery_info)
