"""Answers in the shapes of Datadog's API, and refusals as exceptions that carry one.

The v2 endpoints and most of v1 answer ``{"errors": ["text"]}``; the log configuration of v1 has
``{"error": {"code", "message", "details"}}`` (Datadog: api/v1, APIErrorResponse and
LogsAPIErrorResponse). What the simulator has to say beyond Datadog's words goes into the header
``x-sim-reason``, so that a client sees the bodies that it will see in production.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grantex_sim.http.wire import Response
from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.http.wire import Headers
    from grantex_tui.datadog.problem import Problem

_JSON = (("content-type", "application/json"),)


class RefusedError(GrantexTuiError):
    """A request that Datadog would refuse; *response* is the whole answer."""

    def __init__(self, response: Response, reason: str) -> None:
        super().__init__(reason, hint="The answer's x-sim-reason says the same.")
        self.response = response


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that takes long to find: *work* reads nothing that others change meanwhile.

    *work* raises `RefusedError` as a handler does.
    """

    work: Callable[[], Response]


def reply(value: object, status: int = 200) -> Response:
    """*value* as JSON."""
    return Response(status, _JSON, msgspec.json.encode(value))


def refused(status: int, text: str, reason: str = "", *, more: Headers = ()) -> RefusedError:
    """``{"errors": [text]}``; *reason* says more than Datadog does, *more* are further headers."""
    return _refused(status, {"errors": [text]}, reason or text, more)


def invalid(field: str, reason: str) -> RefusedError:
    """A v2 endpoint's 400 for a field of the request, such as ``filter.from``."""
    return refused(400, f"input_validation_error(Field '{field}' is invalid: {reason})")


def not_found(text: str) -> RefusedError:
    """A 404."""
    return refused(404, text)


def refused_by(problems: Sequence[Problem], texts: Sequence[str]) -> RefusedError:
    """A 400 with Datadog's *texts* for *problems*, and ours with the way out in the header."""
    return _refused(400, {"errors": [*texts]}, said(problems))


def refused_config(
    message: str, problems: Sequence[Problem] = (), *, status: int = 400
) -> RefusedError:
    """The log configuration's own shape of an error."""
    details = [{"code": "InvalidArgument", "message": problem.message} for problem in problems]
    error = {"code": "InvalidArgument", "message": message, "details": details}
    return _refused(status, {"error": error}, said(problems) or message)


def said(problems: Sequence[Problem]) -> str:
    """Where each problem is and what to do about it, on one line."""
    return "; ".join(f"{p.where}: {p.message} ({p.fix})" for p in problems)


def _refused(status: int, body: object, reason: str, more: Headers = ()) -> RefusedError:
    # A header's value is one line of Latin-1.
    line = " ".join(reason.split()).encode("ascii", "backslashreplace").decode()[:1_000]
    answer = Response(status, _JSON, msgspec.json.encode(body), (*more, ("x-sim-reason", line)))
    return RefusedError(answer, reason)
