"""Who may ask: the API key and, all but for the intake, the application key.

Datadog: api/latest/authentication. Whatever is wrong about them is answered 403, as the real API
does; the intake alone answers 401 to a missing key. Old clients have the keys in the query, as
``api_key`` and ``application_key``.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from grantex_sim.datadog_api.replies import refused


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.http.wire import Request


class Keys:
    """The keys that are valid.

    Args:
        api_key: Gives the API key of the moment; None or empty while there is none.
        app_key: The application key.
    """

    def __init__(self, *, api_key: Callable[[], str | None], app_key: str) -> None:
        self._api_key = api_key
        self._app_key = app_key

    def check_api_key(self, request: Request) -> None:
        """Only the API key.

        Raises:
            RefusedError: It is missing or wrong.
        """
        given = request.header("dd-api-key") or request.parameter("api_key")
        if not given:
            raise refused(403, "API key required", "no DD-API-KEY header")
        if not _same(given, self._api_key() or ""):
            raise refused(403, "Forbidden", "the DD-API-KEY is not the simulator's")

    def check(self, request: Request) -> None:
        """Both keys.

        Raises:
            RefusedError: One is missing or wrong.
        """
        self.check_api_key(request)
        given = request.header("dd-application-key") or request.parameter("application_key")
        if not given:
            raise refused(403, "Forbidden", "no DD-APPLICATION-KEY header")
        if not _same(given, self._app_key):
            raise refused(403, "Forbidden", "the DD-APPLICATION-KEY is not the simulator's")


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
