"""A parser whose mistakes are one line and a hint, not a wall of usage."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NoReturn

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOICE = re.compile(
    r"(?P<head>.*invalid choice: '(?P<given>[^']*)') \(choose from (?P<known>.*)\)", re.DOTALL
)
_UNKNOWN = re.compile(r"unrecognized arguments: (?P<given>\S+)")


class Parser(argparse.ArgumentParser):
    """As argparse's, but a misspelt command or option is met with the nearest one."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and two lines on stderr."""
        said, nearest = _nearest(message, list(options_of(self)))
        hint = f"Did you mean {nearest}?" if nearest else f"See {self.prog} --help."
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {said}\n  {hint}\n")


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options of *parser* and of its commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for command in action.choices.values():
                yield from options_of(command)


def _nearest(message: str, options: list[str]) -> tuple[str, str]:
    """What is said of a mistake, and what was probably meant; empty if nobody can tell."""
    from difflib import get_close_matches

    if choice := _CHOICE.match(message):
        known = [name.strip("' ") for name in choice["known"].split(",")]
        found = get_close_matches(choice["given"], known, 1)
        return (choice["head"], found[0]) if found else (message, "")
    if unknown := _UNKNOWN.match(message):
        found = get_close_matches(unknown["given"].partition("=")[0], options, 1)
        return message, found[0] if found else ""
    return message, ""
