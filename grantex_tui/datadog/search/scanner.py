"""The characters of a log search: words, quotes, escapes, and where they stand.

Datadog: logs/explorer/search_syntax, "Escape special characters and spaces". Where that page is
silent, which characters end a word follows Vector's grammar of the same syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from grantex_tui.datadog.search.errors import SearchError
from grantex_tui.datadog.search.tree import Wild


if TYPE_CHECKING:
    from collections.abc import Callable


_ENDS_WORD = frozenset('()[]{}":')
_ENDS_BOUND = frozenset("]}")
_WILD = {"*": Wild.RUN, "?": Wild.ONE}


class Scanner:
    """A position in a search's text, and the readers that move it."""

    __slots__ = ("pos", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0

    def refuse(self, problem: str, *, at: int | None = None, hint: str = "") -> NoReturn:
        """Raise the error for *problem*, here or *at* a position."""
        position = self.pos if at is None else at
        raise SearchError(problem, query=self.text, position=position, hint=hint)

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.pos : self.pos + 1]

    def take(self, token: str) -> bool:
        """Step over *token* if it is next."""
        if self.text.startswith(token, self.pos):
            self.pos += len(token)
            return True
        return False

    def skip_blanks(self) -> None:
        """Step over white space, also line breaks."""
        while self.peek().isspace():
            self.pos += 1

    def more(self) -> bool:
        """Whether, after blanks, something other than a closing parenthesis follows."""
        self.skip_blanks()
        return self.peek() not in ("", ")")

    def take_keyword(self, keyword: str) -> bool:
        """Step over an operator that stands alone: ``OR``, but not ``ORDER`` or ``OR:``."""
        after = self.text[self.pos + len(keyword) : self.pos + len(keyword) + 1]
        if not self.text.startswith(keyword, self.pos):
            return False
        if after and not after.isspace() and after not in '()"[{':
            return False
        self.pos += len(keyword)
        return True

    def word(self) -> list[str | Wild]:
        """A word up to a blank, bracket, quote or colon; texts, and wildcards that nothing escapes."""
        parts: list[str | Wild] = []
        text = ""
        while (character := self.peek()) and not character.isspace():
            if character == '"' and text.startswith("@") and text[-1] in "@.":
                text += self._quoted_key()
                continue
            if character in _ENDS_WORD:
                break
            self.pos += 1
            if character in _WILD:
                parts += [text, _WILD[character]] if text else [_WILD[character]]
                text = ""
            else:
                text += self._escaped() if character == "\\" else character
        return [*parts, text] if text else parts

    def bound(self) -> tuple[str, bool]:
        """One end of a range and whether it was quoted: up to a blank or a closing bracket."""
        if self.peek() == '"':
            return self.phrase(), True
        return self._run(lambda character: character.isspace() or character in _ENDS_BOUND), False

    def argument(self) -> str:
        """One argument of a function: up to a blank, a comma or the closing parenthesis."""
        return self._run(lambda character: character.isspace() or character in ",)")

    def phrase(self) -> str:
        """A quoted phrase, its quotes and escapes removed."""
        start = self.pos
        self.pos += 1
        text = ""
        while (character := self.peek()) != '"':
            if not character:
                hint = 'Close it, or write \\" for a quote.'
                self.refuse("this quote is never closed", at=start, hint=hint)
            self.pos += 1
            text += self._escaped() if character == "\\" else character
        self.pos += 1
        return text

    def _run(self, ends: Callable[[str], bool]) -> str:
        text = ""
        while (character := self.peek()) and not ends(character):
            self.pos += 1
            text += self._escaped() if character == "\\" else character
        return text

    def _quoted_key(self) -> str:
        """A quoted key inside an attribute's path, as it is written there."""
        start = self.pos
        self.phrase()
        return self.text[start : self.pos]

    def _escaped(self) -> str:
        character = self.peek()
        if not character:
            self.refuse(
                "nothing follows the backslash",
                at=self.pos - 1,
                hint="Write \\\\ for a backslash.",
            )
        self.pos += 1
        return character
