"""``/_sim/faults``: what is in force, how often each has hit, and new ones while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.faults.model import SIDES
from grantex_sim.faults.parse import parse_fault_text, parse_faults
from grantex_sim.http.reply import json_reply, problem
from grantex_tui.datadog.document import read_document
from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.faults.model import Fault
    from grantex_sim.faults.script import FaultScript
    from grantex_sim.http.wire import Request

PATH: Final = "/_sim/faults"
_NONE_AT_ALL: Final = "DELETE ends all faults. With curl, a file is sent by --data-binary @FILE."
_SUCH_AS: Final = (
    "Such as: {on: intake, first: 2, do: {status: 503}}. With curl, a file is sent by "
    "--data-binary @FILE: -d takes its line ends away."
)
ROUTES: Final = {
    "GET /_sim/faults": "the faults in force, how often each has hit, and what is left of it",
    "POST /_sim/faults": "faults (YAML, JSON or one a line) instead of those in force; ?add=1: too",
    "DELETE /_sim/faults/N": "the fault with this number ends, and the others go on",
    "DELETE /_sim/faults": "no faults, no rotated keys, no leaked slots",
}


class FaultRoutes:
    """Answers requests to ``/_sim/faults``.

    Args:
        script: The script in force.
        on_clear: Called when all faults are taken back, whether or not others take their place.
    """

    def __init__(self, script: FaultScript, *, on_clear: Callable[[], None]) -> None:
        self._script = script
        self._on_clear = on_clear

    def answer(self, request: Request) -> bytes | None:
        """The answer to *request*; None if it is not for these routes."""
        path, _, number = request.path.rstrip("/").partition(f"{PATH}/")
        if number and not path:
            return self._one(request, number)
        if path != PATH:
            return None
        if request.method == "GET":
            return self._listing()
        if request.method == "POST":
            return self._post(request)
        if request.method == "DELETE":
            self._script.replace(())
            self._on_clear()
            return self._listing()
        return problem(405, f"{request.method} {PATH}", "GET, POST or DELETE.")

    def _one(self, request: Request, number: str) -> bytes:
        if request.method != "DELETE":
            return problem(405, f"{request.method} {PATH}/{number}", "DELETE, or GET them all.")
        if number.isascii() and number.isdigit() and self._script.remove_number(int(number[:18])):
            return self._listing()
        known = ", ".join(str(state.number) for state in self._script.in_force)
        hint = f"In force are {known}." if known else "Nothing is in force."
        return problem(404, f"no fault has the number {number[:40]!r}", hint)

    def _post(self, request: Request) -> bytes:
        unknown = [key for key, _ in request.query if key != "add"]
        if unknown:
            hint = "?add=1 puts faults on top of those in force."
            return problem(400, f"{unknown[0][:40]!r} is nothing that can be asked for", hint)
        text = request.body.decode("utf-8", "replace")
        if not text.strip():
            return problem(400, "the body is empty: there is no fault in it", _NONE_AT_ALL)
        added = [value for _, value in request.query]
        try:
            self._put_in_force(text, add=bool(added) and added[-1] not in ("0", "false", "no"))
        except InvalidFileError as error:
            return problem(400, error.message, error.hint or _SUCH_AS)
        return self._listing()

    def _put_in_force(self, text: str, *, add: bool) -> None:
        faults = read_faults(text)
        if add:
            self._script.add(faults)
        else:
            self._script.replace(faults)
            self._on_clear()

    def _listing(self) -> bytes:
        return json_reply(200, {"faults": [state.report() for state in self._script.in_force]})


def read_faults(text: str) -> tuple[Fault, ...]:
    """A script as YAML or JSON (a list, one fault, or ``{faults: …}``), or as lines of text.

    Raises:
        InvalidFileError: It can't be read.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line and line[0] != "#"]
    if lines and all(line.split(maxsplit=1)[0] in SIDES for line in lines):
        return tuple(map(parse_fault_text, lines))
    value = read_document(text, path="faults.yaml").value  # YAML's flow style, too
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise InvalidFileError(
            "half a surrogate is no text", hint="Write whole characters."
        ) from None
    if isinstance(value, dict) and value.keys() == {"faults"}:
        value = value["faults"]
    return parse_faults(value)
