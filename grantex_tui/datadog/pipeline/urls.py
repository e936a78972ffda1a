"""The parts of a URL, as the URL parser and the grok filters ``url`` and ``querystring`` name them.

Datadog: logs/log_configuration/processors/url_parser: ``scheme``, ``host``, ``port``, ``path``,
``queryString``, each as it is written: nothing is decoded, no port is added.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


_MOST_PARAMETERS = 200


def parse_url(text: str, *, normalize_ending_slashes: bool = False) -> dict[str, object] | None:
    """The parts that are there, or None for a text that is no URL; user and password are left out."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
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
        "port": port,
        "path": path,
        "queryString": parse_query(parts.query),
        "hash": parts.fragment,
    }
    return {name: value for name, value in found.items() if value}


def parse_query(text: str) -> dict[str, object]:
    """The parameters of a query; one that repeats with other values becomes a list of them."""
    found: dict[str, list[str]] = {}
    for pair in text.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        key, _, value = pair.partition("=")
        values = found.setdefault(key, []) if key else []
        if value not in values:
            values.append(value)
    return {key: values if len(values) > 1 else values[0] for key, values in found.items()}


def percent_decode(text: str) -> str:
    """``%2F`` to ``/``; bytes that are no UTF-8 become replacement characters."""
    return unquote(text)
