"""A message template that can't be read."""

from __future__ import annotations

from typing import NoReturn

from grantex_tui.errors import ExitCode, GrantexTuiError


class MessageError(GrantexTuiError):
    """A template that no reading makes sense of.

    *position* is the 0-based index of the first wrong character in the template; *line* is
    1-based.
    """

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, reason: str, *, template: str, position: int, hint: str = "") -> None:
        self.reason = reason
        self.position = position
        self.line = template.count("\n", 0, position) + 1
        start = template.rfind("\n", 0, position) + 1
        shown = template[start:].split("\n", 1)[0][:120]
        picture = f"    {shown}\n    {' ' * min(position - start, len(shown))}^"
        super().__init__(f"message, line {self.line}: {reason}\n{picture}", hint=hint)


def fail(reason: str, template: str, position: int, hint: str = "") -> NoReturn:
    """Stop reading *template* at *position*."""
    raise MessageError(reason, template=template, position=position, hint=hint)
