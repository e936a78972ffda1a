"""From a request that the intake accepted to the entries in it; the contract has been checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from simulator.coding import decode_body
from simulator.contract import MAX_BODY, is_text
from simulator.datadog_api.bodies import sound


if TYPE_CHECKING:
    from simulator.wire import Request

Entry = dict[str, object]

_decode_entries = msgspec.json.Decoder(list[Entry]).decode
_DEFAULTS = ("ddsource", "service", "hostname")
"""Query parameters that stand for an entry's key where it has none."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One request as it was sent, and how many entries are in it."""

    at: float
    """Arrival, epoch seconds."""
    request: Request
    count: int

    @property
    def query_tags(self) -> str:
        """The request's ``ddtags``."""
        return self.request.parameter("ddtags")

    @property
    def agent_json(self) -> bool:
        """Whether values in a JSON message win over those beside it."""
        return self.request.header("dd-protocol").lower() == "agent-json"

    def entries(self) -> list[Entry]:
        """The entries, in order."""
        request = self.request
        body = decode_body(request.body, request.header("content-encoding"), MAX_BODY)
        entries = _entries(body, request.header("content-type").lower())
        defaults = {key: value for key in _DEFAULTS if (value := request.parameter(key))}
        return [{**defaults, **entry} for entry in entries] if defaults else entries


def _entries(body: bytes, content_type: str) -> list[Entry]:
    if is_text(body, content_type):
        lines = body.decode("utf-8", "replace").split("\n")
        return [{"message": line} for line in lines if line.strip()]
    try:
        return _decode_entries(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = json.loads(body)  # one bare object, or what only the lenient decoder takes
        entries = value if isinstance(value, list) else [value]
        return [sound(entry) for entry in entries]
