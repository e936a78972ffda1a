"""Content codings of the logs intake: body in, plain bytes out, never more than the limit."""

from __future__ import annotations

import zlib

from grantex_tui.errors import GrantexTuiError


_GZIP = 31
_ZLIB = 15
_RAW = -15
_ZSTD_STEP = 1024
"""Bytes fed at once: zstd's API sets no bound on what comes out, 128 KiB from 4 bytes at most."""


class CodingError(GrantexTuiError):
    """The body is not what its ``Content-Encoding`` says."""


class TooLargeError(GrantexTuiError):
    """The body is larger than the limit once decoded."""


def decode_body(body: bytes, coding: str, limit: int) -> bytes:
    """*body* without its content coding.

    ``deflate`` is taken with and without the zlib wrapper (the official client sends it with).
    ``zstd`` is not in Datadog's list, but its own senders and Vector use it, so the real intake
    takes it; the official client calls it ``zstd1``.

    Raises:
        CodingError: An unknown coding, or a body that isn't coded so.
        TooLargeError: More than *limit* bytes come out; the rest is not looked at.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        plain = body
    elif coding in ("gzip", "x-gzip"):
        plain = _inflate(body, _GZIP, limit)
    elif coding == "deflate":
        plain = _deflate(body, limit)
    elif coding in ("zstd", "zstd1"):
        plain = _zstd(body, limit)
    else:
        raise CodingError(
            f"content-encoding {coding!r} is not taken", hint="Use gzip, deflate, zstd or identity."
        )
    if len(plain) > limit:
        raise TooLargeError(f"more than {limit:,} bytes uncompressed", hint="Send less at once.")
    return plain


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(body, _ZLIB, limit)
    except CodingError:
        return _inflate(body, _RAW, limit)


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        inflater = zlib.decompressobj(wbits)
        try:
            piece = inflater.decompress(body, limit + 1 - size)
        except zlib.error as error:
            raise CodingError(f"the body is not compressed as it says: {error}") from None
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            break
        if not inflater.eof:
            raise CodingError("the compressed body ends early")
        if wbits != _GZIP or not inflater.unused_data:
            break
        body = inflater.unused_data  # gzip allows one member after another
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _zstd(body: bytes, limit: int) -> bytes:
    import zstandard

    pieces: list[bytes] = []
    size = 0
    frame = None
    for start in range(0, len(body), _ZSTD_STEP):
        data = body[start : start + _ZSTD_STEP]
        while data and size <= limit:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            try:
                piece = frame.decompress(data)
            except zstandard.ZstdError as error:
                raise CodingError(f"the body is not compressed as it says: {error}") from None
            pieces.append(piece)
            size += len(piece)
            data = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if size <= limit and (frame is not None or not body):
        raise CodingError("the compressed body ends early")
    return b"".join(pieces)
