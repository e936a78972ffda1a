"""``/api/v1/dashboard/public``: dashboards shared by a link (Datadog: api/v1/dashboards).

Nothing is sent to those who are invited, and the link leads nowhere: it is kept and read back, as
the official clients and Terraform do when they share a dashboard. Invitations have no routes here.
"""

from __future__ import annotations

import copy
import hashlib
from itertools import count
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.monitors.objects import CREATOR
from grantex_sim.datadog_api.replies import not_found, refused, reply


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.http.wire import Request, Response

_KINDS: Final = ("custom_timeboard", "custom_screenboard")
_SHARES: Final = ("open", "invite", "embed", "secure-embed")
_SESSION_DAYS: Final = 30
_MOST: Final = 1_000
_DEFAULTS: Final[dict[str, object]] = {
    "status": "active",
    "viewing_preferences": {},
    "expiration": None,
    "last_accessed": None,
    "global_time_selectable_enabled": False,
    "global_time": {"live_span": "1h"},
    "selectable_template_vars": None,
    "share_type": "open",
    "share_list": None,
    "session_duration_in_days": None,
    "embeddable_domains": [],
}


class SharedDashboards:
    """Keeps what is shared.

    Args:
        titles: Gives the title of a dashboard by its id; None: there is none.
        moment: Gives the instant, as replies write it.
    """

    def __init__(self, titles: Callable[[str], str | None], moment: Callable[[], str]) -> None:
        self._titles = titles
        self._moment = moment
        self._held: dict[str, dict[str, object]] = {}
        self._numbers = count(1)

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        root = "/api/v1/dashboard/public"
        return {
            f"POST {root}": self._create,
            f"GET {root}/{{}}": self._get,
            f"PUT {root}/{{}}": self._update,
            f"DELETE {root}/{{}}": self._delete,
        }

    def forget(self, dashboard: str) -> None:
        """The dashboard is deleted, and what was shared of it with it."""
        shared = [*self._held.items()]
        self._held = {token: each for token, each in shared if each["dashboard_id"] != dashboard}

    def _create(self, request: Request) -> Response:
        asked = Reader(read_object(request.body))
        dashboard, kind = asked.text("dashboard_id", ""), asked.choice("dashboard_type", _KINDS, "")
        if not dashboard or not kind:
            missing = "dashboard_id" if not dashboard else "dashboard_type"
            raise refused(400, f"'{missing}' is a required property")
        title = self._titles(dashboard)
        if title is None:
            raise not_found(f"{kind} {dashboard} not found")
        if len(self._held) >= _MOST:
            raise refused(400, f"{_MOST:,} dashboards are shared here; no more are taken")
        token = _token(next(self._numbers))
        made = {
            **_DEFAULTS,
            "author": {"handle": CREATOR["handle"], "name": CREATOR["name"]},
            "dashboard_id": dashboard,
            "dashboard_type": kind,
            "title": title,
            "token": token,
            "public_url": f"https://p.datadoghq.com/sb/{token}",
            "created": self._moment(),
        }
        self._held[token] = made | self._sent(asked)
        return reply(self._held[token])

    def _get(self, _request: Request, token: str) -> Response:
        return reply(self._find(token))

    def _update(self, request: Request, token: str) -> Response:
        held = self._find(token)
        held.update(self._sent(Reader(read_object(request.body))))
        return reply(held)

    def _delete(self, _request: Request, token: str) -> Response:
        self._find(token)
        del self._held[token]
        return reply({"deleted_public_dashboard_token": token})

    def _sent(self, asked: Reader) -> dict[str, object]:
        """What a request sets, and who is invited by it."""
        sent = {key: copy.deepcopy(v) for key, v in asked.fields.items() if key in _DEFAULTS}
        share = asked.choice("share_type", _SHARES, "open")
        invited = asked.texts("share_list")
        if share == "invite":
            sent.setdefault("session_duration_in_days", _SESSION_DAYS)
        sent["invitees"] = [
            {
                "email": email,
                "access_expiration": None,
                "last_accessed": None,
                "created_at": self._moment(),
            }
            for email in invited
        ]
        return sent

    def _find(self, token: str) -> dict[str, object]:
        held = self._held.get(token)
        if held is None:
            raise not_found(f"Public dashboard with token {token} not found")
        return held


def _token(number: int) -> str:
    """Such as ``fasj0a1b2c3d4e5f-…``: letters and digits, the same for the same number."""
    digest = hashlib.blake2b(f"shared {number}".encode(), digest_size=24).hexdigest()
    return f"{digest[:16]}-{digest[16:]}"
