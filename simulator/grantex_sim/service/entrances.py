"""A port of its own for a session: what comes in by it, as to a proxy too, is in that session.

A forwarder that knows fixed hosts only can name no session in its paths; it is led to one by the
port of its proxy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grantex_sim.http.reply import json_reply, problem
from grantex_sim.http.server import Server
from grantex_sim.http.target import path_of, query_of
from grantex_sim.proxy.forward import ForwardProxy
from grantex_sim.proxy.gate import Gate


if TYPE_CHECKING:
    from grantex_sim.http.channel import Channel, Handler, HeadHandler
    from grantex_sim.http.wire import Request
    from grantex_sim.tls.front import HandshakeFault, TlsFront

ENTRANCE: Final = "_sim/entrance"
"""Below a session's path."""
ROUTES: Final = {
    "POST /s/NAME/_sim/entrance": "a port of its own for the session NAME, where it is also a proxy "
    "that speaks TLS: its url, and the certificate of its authority",
}


@dataclass(frozen=True, slots=True)
class _Entrance:
    server: Server
    url: str


class Entrances:
    """The ports that sessions have.

    Args:
        host: The address that they listen on.
        front: How clients that speak TLS are greeted; None: they are not.
        through: Hosts that a proxy's clients may reach.
    """

    def __init__(self, host: str, front: TlsFront | None, through: tuple[str, ...]) -> None:
        self._host = host
        self._front = front
        self._through = through
        self._open: dict[str, _Entrance] = {}

    async def answer(
        self, name: str, fault: HandshakeFault, handler: Handler, on_head: HeadHandler
    ) -> bytes:
        """What is said of the session's port, opened now if need be."""
        if self._front is None:
            hint = "Start it with --tls; a program that can be told addresses needs none of this."
            return problem(409, "the simulator speaks no TLS, so nobody could come in there", hint)
        if name not in self._open:
            try:
                self._open[name] = await self._opened(
                    name, self._front.within(fault), handler, on_head
                )
            except OSError as error:
                return problem(503, f"no port for it: {error.strerror}", "End some sessions.")
        return json_reply(200, {"url": self._open[name].url, "ca": self._front.authority.pem})

    async def _opened(
        self, name: str, front: TlsFront, handler: Handler, on_head: HeadHandler
    ) -> _Entrance:
        port = 0
        gate = Gate(port=lambda: port, own=(self._host.lower(),), through=self._through)

        async def handle(request: Request, channel: Channel) -> None:
            await handler(_within(name, request), channel)

        def begin(request: Request, channel: Channel) -> None:
            on_head(_within(name, request), channel)

        proxy = ForwardProxy(gate, handle, begin)
        server = Server(proxy.handle, on_head=proxy.begin, greeter=front)
        port = await server.start(self._host, 0)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return _Entrance(server, f"http://{host}:{port}")

    async def close(self, name: str) -> None:
        """The session has ended."""
        found = self._open.pop(name, None)
        if found is not None:
            await found.server.stop()

    async def close_all(self) -> None:
        """All of them have."""
        for name in tuple(self._open):
            await self.close(name)


def _within(name: str, request: Request) -> Request:
    """*request* as it would be sent to the session by its path."""
    path, query = path_of(request.target), query_of(request.target)
    if path.startswith(f"/s/{name}/"):
        return request
    target = f"/s/{name}{path}" + (f"?{query}" if query else "")
    return replace(request, target=target)
