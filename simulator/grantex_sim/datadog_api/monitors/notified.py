"""``GET /_sim/notifications``: what Datadog would have sent, whole or in pages."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.replies import refused, reply
from grantex_sim.http.numbers import whole_numbers


if TYPE_CHECKING:
    from grantex_sim.datadog_api.monitors.alerting import Alerting
    from grantex_sim.http.wire import Request, Response

ROUTES: Final = {
    "GET /_sim/notifications?limit=N&after=NUMBER&monitor=ID": "what the monitors that were posted "
    "would have sent, the oldest first; `next` is the number after which a further page goes on",
}
_DEFAULTS: Final = {"limit": 10_000, "after": 0, "monitor": 0}


def notified_page(request: Request, alerting: Alerting) -> Response:
    """The notifications that *request* asks for.

    Raises:
        RefusedError: A parameter is none, or no number.
    """
    try:
        asked = whole_numbers(dict(request.query), _DEFAULTS)
    except ValueError as error:
        raise refused(400, str(error), f"Such as {next(iter(ROUTES))}") from None
    monitor = asked["monitor"]
    found = (
        each
        for each in alerting.notifications
        if each.number > asked["after"] and monitor in (0, each.monitor_id)
    )
    page = [*islice(found, asked["limit"])]
    is_last = next(found, None) is None
    return reply(
        {
            "notifications": page,
            "next": page[-1].number if page and not is_last else None,
            "dropped": alerting.dropped,
        }
    )
