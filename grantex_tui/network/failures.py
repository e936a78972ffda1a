"""What became of an HTTP exchange that failed, in words for people.

The client library tells of a connection that broke as of an answer with status 400 that it has made
up, and quotes the bytes of what it could not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import http_exceptions

from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = 200


def told(error: BaseException) -> str:
    """*error* in words: its own, made safe, or better ones where we know them."""
    for cause in _causes(error):
        if isinstance(
            cause, http_exceptions.TransferEncodingError | http_exceptions.ContentLengthError
        ):
            return "the connection ended before the answer did" + _reset(error)
        if isinstance(cause, http_exceptions.BadHttpMessage):
            said = cause.message.partition("\n")[0].partition(" when reading: ")[0].rstrip(":")
            return f"the answer is no proper HTTP ({printable(said, limit=_LENGTH)})"
    return printable(str(error), limit=_LENGTH) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reset(error: BaseException) -> str:
    # Its cause is not chained, only named.
    return " (reset by the other side)" if "ConnectionResetError" in str(error) else ""
