"""Request targets: which there are, and the path and query they stand for (RFC 9112, 3.2)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit


_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def is_target(method: str, target: str) -> bool:
    """Whether a server has to do with *target*.

    That is a path, a whole URL, ``*`` for OPTIONS, or ``host:port`` for CONNECT.
    """
    if method == "CONNECT":
        return authority(target) is not None
    if target.startswith("/"):
        return True
    if target == "*":
        return method == "OPTIONS"
    try:
        url = urlsplit(target)
    except ValueError:  # such as http://[::1
        return False
    return url.scheme in ("http", "https") and bool(url.netloc)


def authority(target: str) -> tuple[str, int] | None:
    """Host (lower case, no brackets) and port of a CONNECT's target or a whole URL, if it is one."""
    is_url = target.startswith(("http://", "https://"))
    try:
        parts = urlsplit(target if is_url else f"//{target}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or (not is_url and (port is None or parts.path or parts.query)):
        return None
    usual = 443 if parts.scheme == "https" else 80
    return parts.hostname.lower().removesuffix("."), usual if port is None else port


def path_of(target: str) -> str:
    """The path, with the escapes undone that mean nothing (RFC 3986, 6.2.2.2).

    ``/%761/x`` is ``/v1/x``; ``%2F`` stays, for it is no slash between segments. Two slashes stay
    two: the real services know no such path.
    """
    if target.startswith("/"):
        path = target.partition("?")[0].partition("#")[0]
    else:
        path = urlsplit(target).path or "/"
    return _ESCAPE.sub(_unescaped, path) if "%" in path else path


def query_of(target: str) -> str:
    """The query as sent, without the question mark."""
    return target.partition("#")[0].partition("?")[2]


def with_path(target: str, path: str) -> str:
    """*path*, with the query of *target*."""
    query = query_of(target)
    return f"{path}?{query}" if query else path


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0]
