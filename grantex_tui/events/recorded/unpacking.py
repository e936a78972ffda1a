"""What a recording's file is packed in: gzip and zstd, known by their first bytes.

isal unpacks gzip three times as fast as zlib does, where it is to be had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast


if TYPE_CHECKING:
    import gzip
    from collections.abc import Callable

    from grantex_tui.events.recorded.exports import Readable

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BLOCK = 1 << 17


def unpacked(stream: BinaryIO) -> Readable:
    """*stream* as it is, or what is packed in it; damage is an error of reading."""
    if not hasattr(stream, "peek"):
        return stream
    start = stream.peek(4)[:4]
    if start.startswith(_GZIP):
        return _gzip(stream)
    return _zstd(stream) if start == _ZSTD else stream


class _Unpacked:
    """Unpacks as it is read; begins only then."""

    def __init__(self, read: Callable[[int], bytes], damaged: tuple[type[Exception], ...]) -> None:
        self._unpack = read
        self._damaged = damaged
        self._peeked = b""

    def peek(self, size: int, /) -> bytes:
        """At least the next byte, if there is one, without taking it."""
        if not self._peeked:
            self._peeked = self._next(max(size, _BLOCK))
        return self._peeked

    def read(self, size: int, /) -> bytes:
        """Up to *size* bytes, as they come."""
        if not self._peeked:
            return self._next(size)
        block, self._peeked = self._peeked[:size], self._peeked[size:]
        return block

    def _next(self, size: int) -> bytes:
        try:
            return self._unpack(size)
        except self._damaged as error:
            raise OSError(str(error)) from None


def _gzip(stream: BinaryIO) -> Readable:
    import zlib

    try:
        from isal import igzip, isal_zlib
    except ImportError:  # it is not built for every machine
        import gzip

        return _Unpacked(gzip.GzipFile(fileobj=stream).read1, (zlib.error,))
    # Its stubs leave the class's arguments out, and take the class of its errors for an error.
    file = cast("Callable[..., gzip.GzipFile]", igzip.IGzipFile)(fileobj=stream, mode="rb")
    return _Unpacked(file.read1, (zlib.error, cast("type[Exception]", isal_zlib.error)))


def _zstd(stream: BinaryIO) -> Readable:
    import zstandard

    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return _Unpacked(reader.read1, (zstandard.ZstdError,))
