"""Asks Grantex whose key it is: a journal belongs to the tenant, not to a key or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import msgspec


if TYPE_CHECKING:
    from grantex_tui.network.route import Network

PATIENCE = 5.0
"""Seconds. A service that is down must not keep what is pending for Datadog."""
_STREAM = "/v1/events/stream"


class _Me(msgspec.Struct):
    developerId: str = ""  # noqa: N815 - the wire's name


async def ask_tenant(network: Network, url: str, key: str, *, patience: float = PATIENCE) -> str:
    """The developer's id (``GET /v1/me``); empty if the service doesn't say, for whatever reason.

    Args:
        network: the way there.
        url: Grantex's base URL, or the address of its stream.
        key: the API key.
        patience: seconds for all of it.
    """
    address = url.rstrip("/").removesuffix(_STREAM) + "/v1/me"
    try:
        async with network.client(address, connections=1) as client:
            headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
            answer = await client.get(address, headers=headers, timeout=patience)
    except httpx.HTTPError:
        return ""
    if answer.status_code != httpx.codes.OK:
        return ""
    try:
        return msgspec.json.decode(answer.content, type=_Me).developerId
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
