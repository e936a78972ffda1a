"""What stands between a program and its servers: a TLS front, a proxy, a name service."""

import asyncio
import base64
import contextlib
import ssl
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, head: bytes = b""
) -> None:
    """Both ways to *port* and back, until either ends."""
    there, back = await asyncio.open_connection("127.0.0.1", port)
    back.write(head)
    await asyncio.gather(_pipe(reader, back), _pipe(there, writer))


class _Listener:
    """``async with``: serves on `port`, and ends every connection with it."""

    def __init__(self, host: str, context: ssl.SSLContext | None) -> None:
        self._host, self._context = host, context
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class Front(_Listener):
    """Passes every connection on to a port; with a context it speaks TLS on this side."""

    def __init__(
        self, target: int, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        super().__init__(host, context)
        self._target = target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _join(reader, writer, self._target)


class Hanging(_Listener):
    """Takes connections and ends them at the first byte."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read(1)


class Plain(_Listener):
    """Speaks HTTP only, and says so to whoever does not."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()


class Proxy(_Listener):
    """An HTTP proxy that alone knows where the servers are.

    Args:
        hosts: names, and the local ports behind them.
        user: ``name:password`` that it asks for; empty for none.
        answer: a status that it gives instead of a connection.
        delay: seconds until it answers a CONNECT.
        context: with it the proxy itself is reached by TLS.
    """

    def __init__(
        self,
        hosts: dict[str, int],
        *,
        user: str = "",
        answer: int = 0,
        delay: float = 0.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__("127.0.0.1", context)
        self._hosts, self._answer, self._delay = hosts, answer, delay
        self._wanted = f"Basic {base64.b64encode(user.encode()).decode()}" if user else ""
        self.connected: list[str] = []
        """Hosts to which it has connected somebody."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        named = dict(line.lower().split(": ", 1) for line in lines if line)
        credentials = named.get("proxy-authorization", "")
        if self._answer or (self._wanted and credentials != self._wanted.lower()):
            status = self._answer or 407
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)
            await writer.drain()
            return
        await asyncio.sleep(self._delay)
        url = urlsplit(target if "://" in target else f"//{target}")
        self.connected.append(url.hostname or "")
        port = self._hosts[url.hostname or ""]
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await _join(reader, writer, port)
        else:
            path = url.path + (f"?{url.query}" if url.query else "")
            kept = [line for line in lines if not line.lower().startswith("proxy-")]
            rest = "\r\n".join([f"{method} {path} HTTP/1.1", *kept]).encode("latin-1")
            await _join(reader, writer, port, rest)


_NAMES = '''"""Answers for names under .test, in whatever process is started with this on its path."""
import os, socket
_asked = socket.getaddrinfo
def getaddrinfo(host, port, *rest, **how):
    if not str(host).endswith(".test"):
        return _asked(host, port, *rest, **how)
    if os.path.exists({broken!r}):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in {addresses!r}]
socket.getaddrinfo = getaddrinfo
'''


class Names:
    """A name service for one program: ``PYTHONPATH=names.path``.

    Names end in ``.test``. While `broken` exists, none is found.
    """

    def __init__(self, folder: Path, *addresses: str) -> None:
        folder.mkdir()
        self.path = str(folder)
        self.broken = folder / "broken"
        text = _NAMES.format(broken=str(self.broken), addresses=addresses or ("127.0.0.1",))
        (folder / "sitecustomize.py").write_text(text)
