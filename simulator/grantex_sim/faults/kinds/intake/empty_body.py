"""The intake's answer without a body."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


if TYPE_CHECKING:
    from grantex_sim.http.wire import Response


def _respond(response: Response, _given: bool) -> Response:  # noqa: FBT001 - a kind's value
    return replace(response, body=b"")


KIND: Final = Kind(
    word="empty_body",
    about=frozenset({About.REQUEST}),
    read=flag,
    effect="the answer without a body",
    ledger="accepted",
    watch="goes by the status",
    respond=_respond,
)
