"""Requests to a proxy: ``CONNECT host:port``, and those whose target is a whole URL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from grantex_sim.http.reply import json_reply, problem
from grantex_sim.http.target import authority
from grantex_sim.http.wire import head_bytes
from grantex_sim.proxy.gate import Way
from grantex_sim.proxy.through import pass_request, pass_tunnel
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from grantex_sim.http.channel import Channel, Handler, HeadHandler
    from grantex_sim.http.wire import Request
    from grantex_sim.proxy.gate import Gate

_ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_NAMED: Final = 100
"""Refused hosts that are told apart."""
ROUTES: Final = {"GET /_sim/proxy": "tunnels there have been, and the hosts that were refused"}


class ForwardProxy:
    """Answers what is for a proxy, and hands on the rest.

    Args:
        gate: Who may go where.
        handler: Answers requests to the played hosts, and to the simulator itself.
        on_head: Told of their heads.
    """

    def __init__(self, gate: Gate, handler: Handler, on_head: HeadHandler) -> None:
        self._gate = gate
        self._handler = handler
        self._on_head = on_head
        self.tunnels = 0
        self.refused: Counter[str] = Counter()
        """By host, how often it was asked for and not reached."""

    def begin(self, request: Request, channel: Channel) -> None:
        """A request's head is there."""
        if self._is_for_us(request):
            self._on_head(request, channel)

    def _is_for_us(self, request: Request) -> bool:
        if request.method == "CONNECT":
            return False
        there = _authority(request)
        return there is None or self._gate.way(*there) is Way.HERE

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request."""
        there = _authority(request)
        if there is None:
            await self._handle_here(request, channel)
            return
        if not self._gate.admits(request.header("proxy-authorization")):
            channel.write(_unauthorized())
            return
        way = self._gate.way(*there)
        if way is Way.NOWHERE:
            channel.write(self._refusal(there))
        elif request.method == "CONNECT":
            await self._connect(there, way, channel)
        elif way is Way.HERE:
            await self._handler(request, channel)
        else:
            await pass_request(request, there, channel)

    async def _handle_here(self, request: Request, channel: Channel) -> None:
        if request.path.rstrip("/") == "/_sim/proxy" and request.method in ("GET", "HEAD"):
            channel.write(json_reply(200, {"tunnels": self.tunnels, "refused": dict(self.refused)}))
        else:
            await self._handler(request, channel)

    async def _connect(self, there: tuple[str, int], way: Way, channel: Channel) -> None:
        self.tunnels += 1
        if way is Way.THROUGH:
            await pass_tunnel(there, channel, _ESTABLISHED)
            return
        channel.write(_ESTABLISHED)
        channel.tunnel(there[0])

    def _refusal(self, there: tuple[str, int]) -> bytes:
        host, port = there
        name = printable(host, limit=253)
        counted = name if name in self.refused or len(self.refused) < _NAMED else "others"
        self.refused[counted] += 1
        return problem(
            403,
            f"{name}:{port} is no host that the simulator plays; nothing is sent there",
            f"Allow it with --pass-through {name}.",
        )


def _authority(request: Request) -> tuple[str, int] | None:
    """Host and port that a proxy is asked for; None: it isn't asked as one."""
    if request.target.startswith("/") or request.target == "*":
        return None
    return authority(request.target)


def _unauthorized() -> bytes:
    body = b"the proxy wants a user and a password\n"
    headers = (
        ("proxy-authenticate", 'Basic realm="grantex-sim"'),
        ("content-type", "text/plain"),
        ("content-length", str(len(body))),
    )
    return head_bytes(407, headers) + body
