"""HTTP/1.1 and WebSocket bytes by hand, independent of the program under test and of the simulator."""

import asyncio
import base64
import hashlib
import socket
import struct
from dataclasses import dataclass, field


GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Exchange:
    """One request on a connection: its head, its body when somebody asks, and the ways to answer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)

    async def body(self) -> bytes:
        """The body, as long as it says it is or as its chunks go."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            whole = b""
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                whole += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
            return whole
        return await self.reader.readexactly(int(self.headers.get("content-length", "0")))

    async def reply(
        self, status: int, body: bytes = b"", kind: str = "application/json", *lines: str
    ) -> None:
        """A whole answer, with further header *lines*."""
        head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *lines]
        if kind:
            head.append(f"Content-Type: {kind}")
        await self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    async def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        """End it with a FIN."""
        self.writer.close()


async def next_exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Exchange | None:
    """The next request's head; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Exchange(reader, writer, method, target, headers)


def upgrade(exchange: Exchange) -> bytes:
    """The answer that opens a WebSocket (RFC 6455, 4.2.2)."""
    key = exchange.headers["sec-websocket-key"] + GUID
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A whole unmasked frame: 1 text, 8 close, 9 ping, 10 pong."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65_536:
        return bytes((0x80 | opcode, 126)) + struct.pack(">H", size) + payload
    return bytes((0x80 | opcode, 127)) + struct.pack(">Q", size) + payload


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and payload of a client's frame; 8 at the end of the connection."""
    try:
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", await reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await reader.readexactly(8))
        mask = await reader.readexactly(4) if second & 0x80 else b"\0\0\0\0"
        data = await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return 8, b""
    return first & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
