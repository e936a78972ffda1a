"""Which page is for what: by trouble, by place. A new page is a module, and a line here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from grantex_tui.tui.pages import delivery, monitor, stream
from grantex_tui.tui.pages.content import Content
from grantex_tui.watch.troubles.found import found
from grantex_tui.watch.troubles.trouble import About


if TYPE_CHECKING:
    from grantex_tui.watch.frame import Frame

_DELIVERY = Content(lambda _: delivery.TITLE, delivery.rows)
_STREAM = Content(lambda _: stream.TITLE, stream.rows)
_BY_SUBJECT = {
    About.DELIVERY: _DELIVERY,
    About.JOURNAL: _DELIVERY,
    About.STREAM: _STREAM,
}


def of_monitor(index: int) -> Content:
    """The page of the monitor at *index*."""
    return Content(
        partial(monitor.title, index=index),
        partial(monitor.rows, index=index),
        index,
        partial(monitor.link, index=index),
    )


def of_troubles(frame: Frame) -> list[Content]:
    """A page for each thing that is wrong in *frame*, worst first, each once."""
    pages = [
        _BY_SUBJECT[one.about] if one.monitor is None else of_monitor(one.monitor)
        for one in found(frame)
    ]
    return [page for at, page in enumerate(pages) if not _is_among(page, pages[:at])]


def _is_among(page: Content, others: list[Content]) -> bool:
    return any(
        page is other or (page.monitor is not None and page.monitor == other.monitor)
        for other in others
    )


def of_place(name: str, frame: Frame) -> list[Content]:
    """The pages behind a place, those with troubles first; none where it has none."""
    if name == "monitors":
        loud = [page for page in of_troubles(frame) if page.monitor is not None]
        seen = {page.monitor for page in loud}
        rest = [of_monitor(index) for index in range(len(frame.monitors)) if index not in seen]
        return [*loud, *rest]
    return {"delivery": [_DELIVERY], "header": [_STREAM]}.get(name, [])
