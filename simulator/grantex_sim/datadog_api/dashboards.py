"""``/api/v1/dashboard``: dashboards posted, listed, read, changed, deleted."""

from __future__ import annotations

import copy
import hashlib
import re
from base64 import b32encode
from itertools import count
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.monitors.objects import CREATOR
from grantex_sim.datadog_api.replies import not_found, refused, reply
from grantex_sim.datadog_api.shared_dashboards import SharedDashboards
from grantex_sim.http.numbers import whole_number
from grantex_sim.http.wire import Response
from grantex_tui.clock import rfc3339
from grantex_tui.datadog.dashboard.check import check_dashboard


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.http.wire import Request
    from grantex_tui.clock import Clock

_READ_ONLY: Final = ("id", "author_handle", "author_name", "created_at", "modified_at", "url")
_SUMMARY: Final = (
    "id", "title", "description", "layout_type", "url", "author_handle", "created_at",
    "modified_at", "is_read_only", "deleted_at",
)  # fmt: skip
_DEFAULTS: Final[dict[str, object]] = {
    "description": None,
    "is_read_only": False,
    "notify_list": None,
    "template_variables": None,
    "restricted_roles": [],
}
_FIRST_WIDGET: Final = 510_000_001
_PAGE: Final = 100
_KEPT_DELETED: Final = 1_000


class Dashboards:
    """Keeps the dashboards; *clock* says when one was created or changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, dict[str, object]] = {}
        self._deleted: dict[str, dict[str, object]] = {}
        self._numbers = count(1)
        self._widgets = count(_FIRST_WIDGET)
        self._shared = SharedDashboards(self._title, self._moment)

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        root = "/api/v1/dashboard"
        return {
            f"GET {root}": self._list,
            f"POST {root}": self._create,
            f"DELETE {root}": self._delete_several,
            f"PATCH {root}": self._restore_several,
            f"GET {root}/{{}}": self._get,
            f"PUT {root}/{{}}": self._update,
            f"DELETE {root}/{{}}": self._delete,
            **self._shared.routes(),
        }

    def _list(self, request: Request) -> Response:
        start = _whole(request, "start", 0)
        size = _whole(request, "count", _PAGE)
        asked = self._deleted if _is_true(request, "filter[deleted]") else self._held
        if _is_true(request, "filter[shared]"):
            asked = {}  # nothing here is shared
        listed = [*asked.values()][start : start + size]
        return reply({"dashboards": [{key: each.get(key) for key in _SUMMARY} for each in listed]})

    def _create(self, request: Request) -> Response:
        now = self._moment()
        return self._put(_identity(next(self._numbers)), request, created=now, modified=now)

    def _get(self, _request: Request, identity: str) -> Response:
        return reply(self._find(identity))

    def _update(self, request: Request, identity: str) -> Response:
        created = str(self._find(identity)["created_at"])
        return self._put(identity, request, created=created, modified=self._moment())

    def _delete(self, _request: Request, identity: str) -> Response:
        self._find(identity)
        self._forget(identity)
        return reply({"deleted_dashboard_id": identity})

    def _delete_several(self, request: Request) -> Response:
        named = _named(request)
        for identity in named:
            self._find(identity)
        for identity in named:
            self._forget(identity)
        return Response(204, ())

    def _restore_several(self, request: Request) -> Response:
        named = _named(request)
        for identity in named:
            if identity not in self._deleted:
                raise not_found(f"Dashboard with ID {identity} not found")
        for identity in named:
            found = self._deleted.pop(identity)
            del found["deleted_at"]
            self._held[identity] = found
        return Response(204, ())

    def _forget(self, identity: str) -> None:
        """Delete a dashboard, so that it can be restored; the oldest go for good."""
        self._shared.forget(identity)
        self._deleted[identity] = self._held.pop(identity) | {"deleted_at": self._moment()}
        if len(self._deleted) > _KEPT_DELETED:
            del self._deleted[next(iter(self._deleted))]

    def _put(self, identity: str, request: Request, *, created: str, modified: str) -> Response:
        fields = read_object(request.body)
        problem = next(check_dashboard(fields), None)
        if problem is not None:
            raise refused(400, problem)
        sent = {key: copy.deepcopy(v) for key, v in fields.items() if key not in _READ_ONLY}
        self._number_widgets(sent["widgets"])
        slug = re.sub(r"[^a-z0-9]+", "-", str(sent["title"]).lower()).strip("-")
        self._held[identity] = {
            **_DEFAULTS,
            **sent,
            "id": identity,
            "url": f"/dashboard/{identity}/{slug}",
            "author_handle": CREATOR["handle"],
            "author_name": CREATOR["name"],
            "created_at": created,
            "modified_at": modified,
        }
        return reply(self._held[identity])

    def _number_widgets(self, widgets: object) -> None:
        """Give an id to each widget that has none, also to those in groups."""
        for widget in widgets if isinstance(widgets, list) else []:
            if not widget.get("id"):
                widget["id"] = next(self._widgets)
            self._number_widgets(widget["definition"].get("widgets"))

    def _find(self, identity: str) -> dict[str, object]:
        found = self._held.get(identity)
        if found is None:
            raise not_found(f"Dashboard with ID {identity} not found")
        return found

    def _title(self, identity: str) -> str | None:
        held = self._held.get(identity)
        return None if held is None else str(held["title"])

    def _moment(self) -> str:
        return f"{rfc3339(self._clock.now())[:-1]}000+00:00"


def _named(request: Request) -> list[str]:
    """The dashboards that a request for several is about, each once."""
    several = Reader(read_object(request.body)).children("data")
    return [*dict.fromkeys(each.text("id", "") for each in several)]


def _is_true(request: Request, name: str) -> bool:
    return request.parameter(name).lower() == "true"


def _identity(number: int) -> str:
    """``abc-def-ghi``."""
    digest = hashlib.blake2b(f"dashboard {number}".encode(), digest_size=10).digest()
    text = b32encode(digest).decode().lower()
    return f"{text[:3]}-{text[3:6]}-{text[6:9]}"


def _whole(request: Request, name: str, default: int) -> int:
    text = request.parameter(name)
    if not text:
        return default
    if (number := whole_number(text)) is None:
        raise refused(400, f"Invalid value for parameter '{name}'")
    return number
