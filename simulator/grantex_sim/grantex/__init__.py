"""The fake Grantex API: the stream over SSE and WebSocket, who listens, limits, errors."""
