"""A segment's first line: whose events follow, and what becomes a log of each.

``{"journal":2,"segment":N,"first":PLACE,"previous":CRC,"tenant":…,"forward":true,"log":{…}}``
"""

from __future__ import annotations

import msgspec

from grantex_tui.events.entry import HOSTNAME


VERSION = 2
START = b'{"journal":'


class LogNote(msgspec.Struct, frozen=True):
    """What the forwarder adds to each event of a segment to make a log of it."""

    ddsource: str = "grantex"
    ddtags: str = ""
    """Tags besides the event's type, separated by commas."""
    hostname: str = HOSTNAME
    service: str = "grantex"


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose events a journal holds, and how they were asked for."""

    tenant: str = ""
    """Grantex's name for the developer; empty when it did not say."""
    key: str = ""
    """A fingerprint of the API key with which the stream was read."""
    url: str = ""
    types: tuple[str, ...] = ()
    forward: bool = True
    """Whether they are to be delivered; what was only watched is never sent."""
    log: LogNote | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The line. Further fields are a later version's."""

    journal: int = VERSION
    segment: int
    first: int
    """The place of this line."""
    previous: str = ""
    """The seal of the line before it, in the segment before; empty for a journal's first."""
    tenant: str = ""
    forward: bool = True
    log: LogNote | None = None
    key: str = ""
    url: str = ""
    types: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """Whose events follow."""
        return Identity(self.tenant, self.key, self.url, self.types, self.forward, self.log)


class _Version(msgspec.Struct):
    journal: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Header).decode
_decode_version = msgspec.json.Decoder(_Version).decode


def header_body(identity: Identity, *, segment: int, first: int, previous: str) -> bytes:
    """The line, but for its ``}``."""
    header = Header(
        segment=segment,
        first=first,
        previous=previous,
        tenant=identity.tenant,
        forward=identity.forward,
        log=identity.log,
        key=identity.key,
        url=identity.url,
        types=identity.types,
    )
    return _encode(header)[:-1]


def parse_header(line: bytes) -> Header | None:
    """The header on *line*, sealed or not; None for every other line, and for one that is broken."""
    if not line.startswith(START):
        return None
    try:
        return _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def version_of(line: bytes) -> int | None:
    """The version of the journal that *line* begins; None if it is no header."""
    if not line.startswith(START):
        return None
    try:
        return _decode_version(line).journal
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
