"""The ``Host`` of a request: what one looks like, and whose it is (RFC 9110, 7.2)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final


_HOST: Final = re.compile(
    r"(\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::([0-9]{0,5}))?"
)


def is_host(text: str) -> bool:
    """Whether *text* is a host, with a port or without; an empty one is, too."""
    return _HOST.fullmatch(text) is not None


def host_name(text: str) -> str:
    """The name in a ``Host``: lower case, no port, no brackets, no dot at its end."""
    match = _HOST.fullmatch(text)
    name = match[1] if match is not None else text
    return name.strip("[]").lower().removesuffix(".")


def is_address(name: str) -> bool:
    """Whether *name* is an IP address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
