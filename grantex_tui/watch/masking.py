"""The secrets of a run of `watch`: its keys, and the passwords of the proxies on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.network.proxies import passwords
from grantex_tui.words.secrets import Secrets


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.settings import Settings


def secrets_of(settings: Settings, environment: Mapping[str, str]) -> Secrets:
    """What must be in nothing that the run prints or writes down."""
    return Secrets([settings.grantex_api_key, settings.dd_api_key, *passwords(environment)])
