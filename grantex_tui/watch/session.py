"""Puts a run together from its settings: journal, stream, forwarder, tally, engine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx
from httpx_aiohttp import AiohttpTransport

from grantex_tui.events.stream import EventStream, StreamSettings, stream_url
from grantex_tui.events.types import EVENT_TYPES
from grantex_tui.watch.engine import Engine, Limits, Observer
from grantex_tui.watch.tally import Tally


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.settings import Settings
