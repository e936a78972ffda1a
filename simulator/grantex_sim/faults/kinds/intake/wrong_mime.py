"""The intake's answer under another content type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import mime


if TYPE_CHECKING:
    from grantex_sim.http.wire import Response


def _respond(response: Response, given: str) -> Response:
    headers = tuple(
        (name, given if name == "content-type" else value) for name, value in response.headers
    )
    return replace(response, headers=headers)


KIND: Final = Kind(
    word="wrong_mime",
    about=frozenset({About.REQUEST}),
    read=mime,
    effect="the answer as `text/html`, or what you say",
    ledger="accepted",
    watch="goes by the status",
    label="wrong MIME type",
    respond=_respond,
)
