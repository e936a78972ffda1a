"""Which hosts a client may reach through the proxy, and whether it may use it. Pure."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from grantex_sim.http.played import is_here, is_played


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Way(Enum):
    """Where a request goes."""

    HERE = auto()
    THROUGH = auto()
    NOWHERE = auto()


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides.

    Args:
        port: The port that the simulator listens on.
        own: Names, beside the loopback's, by which it is reached.
        through: Hosts that are reached as they are; ``*.example.com`` is each below it.
        password: ``USER:PASSWORD`` that clients have to give; empty: none.
    """

    port: Callable[[], int]
    own: Sequence[str] = ()
    through: Sequence[str] = ()
    password: str = ""

    def way(self, host: str, port: int) -> Way:
        """Where *host* (lower case) and *port* lead to."""
        if self._passes(host):
            return Way.THROUGH
        if is_played(host):
            return Way.HERE
        is_own = is_here(host) or host in self.own
        return Way.HERE if is_own and port == self.port() else Way.NOWHERE

    def _passes(self, host: str) -> bool:
        return any(
            host.endswith(each[1:]) if each.startswith("*.") else host == each
            for each in self.through
        )

    def admits(self, authorization: str) -> bool:
        """Whether the ``Proxy-Authorization`` is good enough."""
        if not self.password:
            return True
        scheme, _, token = authorization.strip().partition(" ")
        try:
            given = base64.b64decode(token.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, self.password.encode())
