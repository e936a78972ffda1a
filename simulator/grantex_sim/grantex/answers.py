"""What the Grantex service answers instead of a stream: its bodies and headers, in its order.

Recorded from the auth-service; what it says to pages of other origins was measured on its
framework with its settings (three origins, credentials, preflights kept for ten minutes).
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.http.wire import head_bytes, http_date


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.grantex.limits import Allowance
    from grantex_sim.http.wire import Headers, Request

ORIGINS: Final = frozenset(
    {"https://grantex.dev", "https://portal.grantex.dev", "http://localhost:5173"}
)
"""Pages that may read what is answered, by the service's default; the stream itself, none may."""
DEVELOPER: Final = "dev_01SIMULATED0000000000000000"
"""The tenant, as ``GET /v1/me`` names it."""
_VARY: Final = ("vary", "Origin")
_CREDENTIALS: Final = ("access-control-allow-credentials", "true")
_EXPOSED: Final = (
    "access-control-expose-headers",
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After",
)
_PREFLIGHT: Final[Headers] = (
    ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    ("access-control-allow-headers", "Content-Type, Authorization, DPoP, Idempotency-Key"),
    ("access-control-max-age", "600"),
)
_JSON: Final = ("content-type", "application/json; charset=utf-8")
_SECURITY: Final[Headers] = (
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-xss-protection", "0"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one request."""

    request: Request
    allowance: Allowance
    """What is left of the budget that the request was taken from."""
    date: float
    """Epoch seconds."""

    def refusal(self, status: int, code: str, text: str, extra: Headers = ()) -> bytes:
        """An error in the service's own form."""
        body = {"message": text, "code": code, "requestId": str(uuid.uuid4())}
        return self._error(status, body, (*self._common(), *extra))

    def not_found(self, target: str = "", extra: Headers = ()) -> bytes:
        """The framework's 404; *target* is that of the request if not given.

        Two slashes where one is meant, as an address with a slash at its end makes them, are told.
        """
        text = f"Route {self.request.method}:{target or self.request.target} not found"
        body = {"message": text, "error": "Not Found", "statusCode": 404}
        if "//" in self.request.path:
            extra = (*extra, ("x-sim-reason", "two slashes in the path, where one is meant"))
        return self._error(404, body, (*self._cors(), *self.allowance.headers(), *extra))

    def healthy(self) -> bytes:
        """What containers and load balancers ask for; it takes no key."""
        body = {"status": "healthy", "database": "ok", "redis": "ok"}
        return self._error(200, body, self._common())

    def developer(self) -> bytes:
        """Whose key it is. Rotating a key changes no tenant, so there is one for all keys."""
        body = {
            "developerId": DEVELOPER,
            "name": "Simulated developer",
            "email": None,
            "mode": "sandbox",
            "plan": "free",
            "createdAt": "2026-01-05T09:00:00.000Z",
        }
        return self._error(200, body, self._common())

    def preflight(self) -> bytes:
        """The answer to OPTIONS: what a page of the origin may send, if it may send anything."""
        origin = self.request.header("origin")
        if origin and origin not in ORIGINS:
            return self.not_found()
        if not origin or not self.request.header("access-control-request-method"):
            text = ("content-type", "text/plain")
            return self._whole(400, b"Invalid Preflight Request", (*self._common(), text))
        return self._whole(204, b"", (*self._common(), *_PREFLIGHT))

    def plain(self, status: int, text: bytes, extra: Headers) -> bytes:
        """Any body, told to be JSON as the service would."""
        return self._whole(status, text, (*self._common(), *extra, _JSON))

    def _error(self, status: int, body: Mapping[str, object], first: Headers) -> bytes:
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        return self._whole(status, text, (*first, _JSON))

    def _common(self) -> Headers:
        return (*self.allowance.headers(), *self._cors())

    def _cors(self) -> Headers:
        origin = self.request.header("origin")
        if not origin:
            return (_VARY, _CREDENTIALS, _EXPOSED)
        if origin not in ORIGINS:
            return (_VARY,)
        return (_VARY, ("access-control-allow-origin", origin), _CREDENTIALS, _EXPOSED)

    def _whole(self, status: int, text: bytes, first: Headers) -> bytes:
        last = (
            ("content-length", str(len(text))),
            ("Date", http_date(self.date)),
            ("Connection", "keep-alive"),
            ("Keep-Alive", "timeout=72"),
        )
        return head_bytes(status, (*first, *_SECURITY, *last)) + text
