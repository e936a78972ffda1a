"""HTTP/1.x and WebSocket frames: bytes, sockets, and the simulator's own JSON answers."""
