"""Addresses that people give: checked before anything connects, and put into one spelling."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from grantex_tui.errors import UsageError


_HINT = "Give http(s)://HOST[:PORT]."
_LONGEST_LABEL, _LONGEST_HOST = 63, 253
_KNOWN_ENDS = re.compile(r"(/+v1(/+events(/+(stream|ws))?)?)?/*$")


def check_url(url: str, option: str) -> SplitResult:
    """*url* in its parts, if it is a plain HTTP address.

    Raises:
        UsageError: Names *option* and what is wrong; never repeats credentials.
    """
    if not url.isprintable() or re.search(r"\s", url):  # urlsplit would drop some of them
        raise UsageError(f"{option} holds a blank or a control character", hint=_HINT)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{option}: {error}", hint=_HINT) from error
    if parts.username or parts.password:
        raise UsageError(
            f"{option} holds a user name or password",
            hint="Leave it out; keys are given as GRANTEX_API_KEY and DD_API_KEY.",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise UsageError(f"{option} {url!r} is no HTTP address", hint=_HINT)
    if wrong := _wrong_host(parts.hostname):
        raise UsageError(f"{option} {url!r}: {wrong}", hint=_HINT)
    return parts


def _wrong_host(host: str) -> str:
    """What is wrong with *host*; empty if nothing is."""
    if ":" in host:
        return ""  # an IPv6 address, which urlsplit has checked
    labels = host.removesuffix(".").split(".")
    if not all(labels):
        return "the host's name has nothing between two dots"
    if len(host) > _LONGEST_HOST or any(len(label) > _LONGEST_LABEL for label in labels):
        return f"a part of the host's name has over {_LONGEST_LABEL} characters"
    if not host.isascii() or "xn--" in host:
        import httpx

        try:
            httpx.URL(f"http://{host}").host  # noqa: B018 - decoded only when asked for
        except (httpx.InvalidURL, UnicodeError):
            return "the host's name is no valid international one"
    return ""


def base_address(url: str, option: str) -> str:
    """Grantex's base URL, however much of the stream's address was given along.

    ``https://API.grantex.dev:443/v1/events/stream/`` is ``https://api.grantex.dev``: one spelling,
    by which the journal is found again.

    Raises:
        UsageError: It is no address, or filters in its query.
    """
    parts = check_url(url, option)
    if "types=" in parts.query:
        raise UsageError(
            f"{option} filters in its query ({parts.query})",
            hint="Leave the query out, and give --types A,B.",
        )
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        netloc += f":{parts.port}"
    return f"{parts.scheme}://{netloc}{_KNOWN_ENDS.sub('', parts.path)}"


def is_remote(url: str) -> bool:
    """Whether *url*'s host is another machine, as far as its name tells."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def is_open(url: str) -> bool:
    """Whether what is sent to *url* can be read on the way."""
    return urlsplit(url).scheme == "http" and is_remote(url)
