"""An answer of the intake whose only chunk has a size that is no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.http.wire import head_bytes


if TYPE_CHECKING:
    from grantex_sim.http.wire import Response


def _encode(response: Response, _given: bool) -> bytes:  # noqa: FBT001 - a kind's value
    coding = ("transfer-encoding", "chunked")
    head = head_bytes(response.status, (*response.headers, coding, *response.more))
    return head + b"zz\r\n" + response.body + b"\r\n0\r\n\r\n"


KIND: Final = Kind(
    word="bad_chunk",
    about=frozenset({About.REQUEST}),
    read=flag,
    effect="an answer whose chunk size is no number",
    ledger="accepted",
    watch="sends it again: a duplicate",
    encode=_encode,
)
