"""One port, many sessions: the simulator put together, and its own API."""
