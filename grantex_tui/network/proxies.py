"""Which proxy a server is reached through: the environment's rules, pure.

Lower case counts before upper case, as for curl. ``DD_PROXY_*`` are the Datadog Agent's names: they
count first on the way to Datadog, last on the way elsewhere. A loopback address is never asked for
from a proxy, as in Go and thus in the Agent.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from urllib.parse import SplitResult

_SECURE = ("https", "wss")
_KINDS = ("http", "https", "all")
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and who may use it."""

    url: str
    """Without credentials, so that it can be shown."""
    user: str = ""
    password: str = field(default="", repr=False)
    variable: str = ""
    """Where it was named."""


def proxy_for(
    url: str, environment: Mapping[str, str], *, to_datadog: bool = False
) -> Proxy | None:
    """The proxy on the way to *url*; None for a direct connection.

    Args:
        url: Of the server.
        environment: The process's.
        to_datadog: The server is Datadog's: its Agent's settings count first.

    Raises:
        UsageError: The proxy that is named is none, or speaks what we don't.
    """
    parts = urlsplit(url)
    found = _named(parts.scheme in _SECURE, environment, to_datadog=to_datadog)
    if found is None or is_direct(parts, _exceptions(environment)):
        return None
    return read_proxy(*found)


def _named(
    secure: bool,  # noqa: FBT001 - of one caller
    environment: Mapping[str, str],
    *,
    to_datadog: bool,
) -> tuple[str, str] | None:
    """The variable that counts, and its value."""
    scheme = "https" if secure else "http"
    common = [f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    if not secure and "REQUEST_METHOD" in environment:
        common.remove("HTTP_PROXY")  # CGI: a request's header "Proxy:" would be taken for it
    agents = [f"DD_PROXY_{scheme.upper()}"]
    for name in agents + common if to_datadog else common + agents:
        if value := environment.get(name, "").strip():
            return name, value
    return None


def read_proxy(variable: str, value: str) -> Proxy:
    """The proxy that *variable* names.

    Raises:
        UsageError: It is no HTTP proxy's address. The message repeats no credentials.
    """
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if not host or re.search(r"[\s\x00-\x1f]", value):
        raise UsageError(
            f"{variable} names no proxy", hint="Give http://[USER:PASSWORD@]HOST[:PORT]."
        )
    if parts.scheme not in ("http", "https"):
        raise UsageError(
            f"{variable} names a {parts.scheme} proxy at {host}; only http and https are spoken",
            hint="Give an HTTP proxy in HTTPS_PROXY, or name the servers in NO_PROXY.",
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is None:
        port = _DEFAULT_PORTS[parts.scheme]
    return Proxy(
        f"{parts.scheme}://{netloc}:{port}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        variable,
    )


def passwords(environment: Mapping[str, str]) -> list[str]:
    """The passwords in all proxy addresses of the environment, plainly and as they stand there."""
    found = []
    for name, value in environment.items():
        if name.lower().removeprefix("dd_proxy_").removesuffix("_proxy") in _KINDS:
            credentials = value.rpartition("@")[0].rpartition("//")[2]
            password = credentials.partition(":")[2]
            found += [password, unquote(password)] if password else []
    return found


def _exceptions(environment: Mapping[str, str]) -> list[str]:
    names = ("no_proxy" if environment.get("no_proxy") else "NO_PROXY", "DD_PROXY_NO_PROXY")
    return [item for name in names for item in re.split(r"[,\s]+", environment.get(name, ""))]


def is_direct(server: SplitResult, exceptions: Iterable[str]) -> bool:
    """Whether *server* is reached without a proxy.

    Args:
        server: Its URL, split.
        exceptions: ``*``, hosts (which stand for their subdomains, too), ``.suffix``, addresses,
            networks such as ``10.0.0.0/8``; any of them with a port.
    """
    host = (server.hostname or "").rstrip(".")
    port = server.port or _DEFAULT_PORTS.get(server.scheme, 0)
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_excepts(item.lower(), host, port, address) for item in exceptions if item)


def _excepts(
    item: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None
) -> bool:
    if item == "*":
        return True
    name, only_port = _split_port(item)
    if only_port not in (None, port):
        return False
    if address is not None:
        try:
            return address in ipaddress.ip_network(name, strict=False)
        except ValueError:
            return False
    suffix = name.removeprefix("*").removeprefix(".").rstrip(".")
    return bool(suffix) and (host == suffix or host.endswith(f".{suffix}"))


def _split_port(item: str) -> tuple[str, int | None]:
    """``host:443``, ``[::1]:443``, ``[::1]``, ``::1`` and ``fe80::/10``, taken apart."""
    if match := re.fullmatch(r"\[([^]]*)\](?::(\d+))?|([^:]*):(\d+)", item):
        bracketed, its_port, plain, port = match.groups()
        number = its_port or port
        return (plain if bracketed is None else bracketed), int(number) if number else None
    return item, None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
