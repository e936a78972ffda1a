"""Which handler a request is for: paths with names in them, and answers for what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from grantex_sim.datadog_api.replies import refused


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grantex_sim.datadog_api.replies import Later
    from grantex_sim.http.wire import Request, Response

    Handler = Callable[..., Response | Later]
    """Called with the request and the text at each ``{}`` of its route."""


_TELLING: Final = 4
"""Segments alike from which on a route is near: /api/v1/monitor, and not only /api/v1."""
_MOST_NEAR: Final = 6


class Router:
    """Finds handlers by method and path, such as ``GET /api/v1/monitor/{}``.

    A word is preferred to ``{}`` where both fit. A slash at the end changes nothing.
    """

    def __init__(self, *tables: Mapping[str, Handler]) -> None:
        self._routes: dict[str, dict[tuple[str, ...], Handler]] = {}
        for table in tables:
            for route, handler in table.items():
                method, _, path = route.partition(" ")
                self._routes.setdefault(method, {})[_segments(path)] = handler

    def __iter__(self) -> Iterator[str]:
        """The routes, as they were given."""
        for method, routes in self._routes.items():
            yield from (f"{method} {'/'.join(segments)}" for segments in routes)

    def find(self, request: Request) -> Callable[[], Response | Later]:
        """What answers *request*.

        Raises:
            RefusedError: Nothing does.
        """
        asked = _segments(request.path)
        found = _best(self._routes.get(request.method, {}), asked)
        if found is None:
            raise self._missing(request, asked)
        handler, names = found
        return lambda: handler(request, *names)

    def _missing(self, request: Request, asked: tuple[str, ...]) -> Exception:
        route = f"{request.method} {request.path}"
        others = [method for method, routes in self._routes.items() if _best(routes, asked)]
        if others:
            text = f"Method Not Allowed: {route}; the simulator has {', '.join(others)} there"
            return refused(405, text, more=(("allow", ", ".join(others)),))
        text = f"Not Found: the simulator has no route {route}"
        return refused(404, text, f"{text}; {self._hint(asked)}")

    def _hint(self, asked: tuple[str, ...]) -> str:
        """What may have been meant by a path that there is not."""
        if "" in asked[1:]:
            return "there are two slashes where one is meant"
        shared = {route: _shared(_segments(route.partition(" ")[2]), asked) for route in self}
        most = max(shared.values(), default=0)
        if most < _TELLING:
            return "docs/mock-datadog.md lists those that there are"
        near = [route for route, count in shared.items() if count == most]
        return f"near it: {', '.join(near[:_MOST_NEAR])}"


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many segments they begin with alike."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a not in ("{}", b)), min(len(one), len(other))
    )


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.rstrip("/").split("/"))


def _best(
    routes: Mapping[tuple[str, ...], Handler], asked: tuple[str, ...]
) -> tuple[Handler, list[str]] | None:
    fitting = [
        segments
        for segments in routes
        if len(segments) == len(asked)
        and all(a in ("{}", b) and b for a, b in zip(segments[1:], asked[1:], strict=True))
    ]
    if not fitting:
        return None
    chosen = min(fitting, key=lambda segments: segments.count("{}"))
    pairs = zip(chosen, asked, strict=True)
    return routes[chosen], [unquote(text) for segment, text in pairs if segment == "{}"]
