"""Where `--listen` listens: ``9464``, ``:9464``, ``127.0.0.1:9464``, ``[::1]:9464``, ``localhost:0``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from grantex_tui.errors import UsageError


LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address."""

    host: str
    port: int

    @property
    def is_open(self) -> bool:
        """Whether other machines may reach it."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def on_port(self, port: int) -> Address:
        """The same host with the port that the system chose."""
        return Address(self.host, port)

    def __str__(self) -> str:
        """As in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """*text* as an address; without a host, this machine alone.

    Raises:
        UsageError: It has no port, or one that can't be.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else LOOPBACK
    if not port.isascii() or not port.isdigit() or int(port) > _LAST_PORT:
        raise UsageError(
            f"--listen {text!r} has no port",
            hint="Give HOST:PORT or PORT, such as 127.0.0.1:9464; 0 takes any free port.",
        )
    return Address(host or LOOPBACK, int(port))
