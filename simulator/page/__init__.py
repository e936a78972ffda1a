"""The page at ``/``: what was emitted, received and refused, live in a browser."""

from simulator.page.recent import Recent
from simulator.page.routes import Page


__all__ = ["Page", "Recent"]
