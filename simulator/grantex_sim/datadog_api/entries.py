"""From a request that the intake accepted to the entries in it; the contract has been checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import msgspec

from grantex_sim.http.coding import decode_body
from grantex_sim.http.json_text import read_json
from grantex_sim.intake.contract import MAX_BODY, PlainEntry, is_text


if TYPE_CHECKING:
    from grantex_sim.http.wire import Request

Entry = dict[str, object]


_decode_entries = msgspec.json.Decoder(list[Entry]).decode
_decode_plain = msgspec.json.Decoder(list[PlainEntry]).decode
_DEFAULTS: Final = (
    ("ddsource", "ddsource"),
    ("service", "service"),
    ("host", "hostname"),
    ("hostname", "hostname"),
)
"""Query parameters, and the entry's key for which each stands where it has none."""


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
        entries = _entries(self._body(), self._content_type)
        defaults = self._defaults()
        return [{**defaults, **entry} for entry in entries] if defaults else entries

    def plain_entries(self) -> list[PlainEntry] | None:
        """The same, read in half the time if all of them are plain; else None."""
        body = self._body()
        if is_text(body, self._content_type) or self._defaults():
            return None
        try:
            return _decode_plain(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    @property
    def _content_type(self) -> str:
        return self.request.header("content-type").lower()

    def _body(self) -> bytes:
        return decode_body(self.request.body, self.request.header("content-encoding"), MAX_BODY)

    def _defaults(self) -> Entry:
        given = ((key, self.request.parameter(name)) for name, key in _DEFAULTS)
        return {key: value for key, value in given if value}


def plain(entry: Entry) -> PlainEntry | None:
    """*entry* if it is a plain one."""
    try:
        return msgspec.convert(entry, PlainEntry)
    except msgspec.ValidationError:
        return None


def _entries(body: bytes, content_type: str) -> list[Entry]:
    if is_text(body, content_type):
        lines = body.decode("utf-8", "replace").split("\n")
        return [{"message": line} for line in lines if line.strip()]
    try:
        return _decode_entries(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = read_json(body)  # one bare object, or what only the careful way takes
        return [*value] if isinstance(value, list) else [cast("Entry", value)]
