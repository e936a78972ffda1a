"""The parts of a URL, as the URL parser and the grok filters ``url`` and ``querystring`` name them.

Datadog: logs/log_configuration/processors/url_parser: ``scheme``, ``host``, ``port`` (the
scheme's own when none is written), ``path``, ``queryString``.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit


_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_MOST_PARAMETERS = 200


def parse_url(text: str, *, normalize_ending_slashes: bool = False) -> dict[str, object] | None:
    """The parts that are there, or None for a text that is no URL; user and password are left out."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.netloc and not parts.path.startswith("/"):
        return None
    path = parts.path
    if normalize_ending_slashes and len(path) > 1:
        path = path.rstrip("/") or "/"
    found: dict[str, object] = {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": port if parts.hostname else None,
        "path": path,
        "queryString": parse_query(parts.query),
        "hash": parts.fragment,
    }
    return {name: value for name, value in found.items() if value}


def parse_query(text: str) -> dict[str, object]:
    """The parameters of a query; one that repeats becomes a list, one without a value is left out."""
    found: dict[str, object] = {}
    try:
        pairs = parse_qsl(text, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return found
    for key, value in pairs:
        before = found.get(key)
        if isinstance(before, list):
            before.append(value)
        else:
            found[key] = value if before is None else [before, value]
    return found


def percent_decode(text: str) -> str:
    """``%2F`` to ``/``; bytes that are no UTF-8 become replacement characters."""
    return unquote(text)
