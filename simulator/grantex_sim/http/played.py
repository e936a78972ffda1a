"""The hosts that the simulator plays: Grantex's and Datadog's, as a client with fixed addresses has them."""

from __future__ import annotations

from typing import Final

from grantex_sim.http.host import is_address
from grantex_tui.datadog.sites import SITES


GRANTEX_DOMAIN: Final = "grantex.dev"
GRANTEX_HOST: Final = f"api.{GRANTEX_DOMAIN}"
DOMAINS: Final = (*sorted({site.domain for site in SITES}, key=len), GRANTEX_DOMAIN)
"""Every name at or below one of these ends at the simulator."""


def is_played(name: str) -> bool:
    """Whether *name* (lower case, no port) is a host of Grantex's or Datadog's."""
    return any(name == domain or name.endswith(f".{domain}") for domain in DOMAINS)


def is_here(name: str) -> bool:
    """Whether *name* is this machine's loopback."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and (name == "::1" or name.startswith("127."))
