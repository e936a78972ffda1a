"""The page at ``/``: what was emitted, received and refused, live in a browser."""

from grantex_sim.page.recent import Recent
from grantex_sim.page.routes import Page


__all__ = ["Page", "Recent"]
