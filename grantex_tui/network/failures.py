"""What became of an HTTP exchange that failed, in one sentence for people.

The client library tells of a connection that broke as of an answer with status 400 that it has made
up, quotes the bytes of what it could not read, and names TLS errors by their place in OpenSSL's
source.
"""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import http_exceptions

from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = 200
_CERTIFICATES = {
    9: "is not valid yet; check this machine's clock",
    10: "has expired",
    18: "is signed by itself; if it is meant to be, name it with --ca-file",
    19: "is signed by an authority that is not trusted here; name its certificate with --ca-file",
    20: "is signed by an authority that is not trusted here; name its certificate with --ca-file",
    21: "is signed by an authority that is not trusted here; name its certificate with --ca-file",
    62: "is for another host",
    64: "is for another address",
}
"""What is wrong with a certificate, by OpenSSL's X509_V_ERR number."""
_TLS = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS: is its address http://?",
    "HTTP_REQUEST": "it does not speak TLS: is its address http://?",
    "UNSUPPORTED_PROTOCOL": "it speaks an old TLS only, which is refused here",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it does not take this version of TLS",
    "NO_PROTOCOLS_AVAILABLE": "no version of TLS is spoken by both sides",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it asks for a client certificate; give --client-cert",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the handshake; it may ask for --client-cert",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not take our client certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not take our client certificate",
    "UNEXPECTED_EOF_WHILE_READING": "it broke the TLS connection off",
}
"""What a TLS failure means, by OpenSSL's reason."""


def told(error: BaseException) -> str:
    """*error* in words: its own, made safe, or better ones where we know them."""
    causes = list(_causes(error))
    for words in (_way_words, _connection_words, _answer_words):
        for cause in causes:
            if said := words(cause, causes):
                return printable(said, limit=_LENGTH)
    return printable(str(error), limit=_LENGTH) or type(error).__name__


def _way_words(cause: BaseException, causes: list[BaseException]) -> str:
    """What is wrong with a server's name, certificate or TLS."""
    if isinstance(cause, aiohttp.ClientError):
        return ""  # some are SSL errors by inheritance, and know nothing of them
    if isinstance(cause, ssl.SSLCertVerificationError):
        problem = _CERTIFICATES.get(cause.verify_code, f"is not accepted: {cause.verify_message}")
        return f"{_server(causes)}: its certificate {problem}"
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or ""
        words = _TLS.get(reason, f"TLS failed ({reason.replace('_', ' ').lower() or 'unknown'})")
        return f"{_server(causes)}: {words}"
    if isinstance(cause, socket.gaierror):
        return f"{_server(causes)}: its name can't be resolved ({cause.strerror})"
    if isinstance(cause, UnicodeError):
        return f"{_server(causes)}: its name is not a valid one"
    return ""


def _connection_words(cause: BaseException, causes: list[BaseException]) -> str:
    """Why there is no connection."""
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return _proxy_answer(cause)
    if isinstance(cause, aiohttp.ClientConnectorError):
        kind = "the proxy " if isinstance(cause, aiohttp.ClientProxyConnectionError) else ""
        return f"{kind}{_server(causes)} can't be reached: {_reason(cause.os_error)}"
    return ""


def _answer_words(cause: BaseException, causes: list[BaseException]) -> str:
    """What is wrong with an answer that has begun."""
    if isinstance(
        cause, http_exceptions.TransferEncodingError | http_exceptions.ContentLengthError
    ):
        return "the connection ended before the answer did" + _reset(causes[0])
    if isinstance(cause, http_exceptions.BadHttpMessage):
        said = cause.message.partition("\n")[0].partition(" when reading: ")[0].rstrip(":")
        return f"the answer is no proper HTTP ({printable(said, limit=_LENGTH)})"
    return ""


def _reason(error: OSError) -> str:
    """The system's reason, without the address that asyncio puts into its place."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or "the connection broke off"


def _proxy_answer(error: aiohttp.ClientHttpProxyError) -> str:
    if error.status == 407:
        return "the proxy wants a user name and a password (407); put them into its URL"
    said = printable(error.message, limit=60)
    return f"the proxy can't or won't connect: {error.status} {said}".rstrip()


def _server(causes: list[BaseException]) -> str:
    """``host:port``, where the library says which it was."""
    for cause in causes:
        if isinstance(cause, aiohttp.ClientConnectorError):
            host = cause.host if ":" not in str(cause.host) else f"[{cause.host}]"
            return f"{printable(str(host), limit=100)}:{cause.port}"
    return "the server"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reset(error: BaseException) -> str:
    # Its cause is not chained, only named.
    return " (reset by the other side)" if "ConnectionResetError" in str(error) else ""
