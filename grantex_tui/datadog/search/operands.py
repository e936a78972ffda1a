"""The parts of a log search that hold no search themselves: values, ranges, comparisons, blocks."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, get_args

from grantex_tui.datadog.paths import split_path
from grantex_tui.datadog.search.tree import (
    Cidr,
    Compare,
    Exists,
    Field,
    Glob,
    Literal,
    Matcher,
    Operator,
    Range,
    Term,
    Wild,
)


if TYPE_CHECKING:
    from grantex_tui.datadog.search.scanner import Scanner


MAX_KEYS = 100
"""Keys in an attribute's path; Datadog keeps fewer than 10 levels."""

_OPERATORS: tuple[Operator, ...] = tuple(sorted(get_args(Operator), key=len, reverse=True))
_ESCAPE = "Escape it with a backslash, or put the whole value in double quotes."
_RANGE = "a range is [low TO high] or {low TO high}"
_CIDR = "CIDR(@network.client.ip, 13.0.0.0/8)"


def field_named(scan: Scanner, name: str, at: int) -> Field:
    """The field called *name*, which begins at *at*."""
    if len(split_path(name)) > MAX_KEYS:
        scan.refuse(f"a path of more than {MAX_KEYS} keys", at=at)
    return Field.of(name)


def value(scan: Scanner) -> Matcher:
    """The value of a field, up to its end: phrase, comparison, range or word."""
    at = scan.pos
    if scan.peek() == '"':
        matcher: Matcher = Literal(scan.phrase())
    elif (found := special(scan)) is not None:
        matcher = found
    else:
        check_start(scan, "!:=]}")
        matcher = matcher_of(scan.word())
    check_end(scan, at)
    return matcher


def special(scan: Scanner) -> Matcher | None:
    """A comparison or a range, if one is next."""
    at = scan.pos
    if scan.peek() in ("[", "{"):
        return _range(scan)
    operator = next((sign for sign in _OPERATORS if scan.take(sign)), None)
    if operator is None:
        return None
    scan.skip_blanks()
    if scan.peek() == '"':
        return Compare(operator, scan.phrase())
    word = scan.word()
    if len(word) != 1 or not isinstance(word[0], str):
        scan.refuse(f"{operator} needs a number or a text", at=at)
    check_end(scan, at)
    return Compare(operator, word[0])


def _range(scan: Scanner) -> Matcher:
    at = scan.pos
    includes_low = scan.peek() == "["
    scan.pos += 1
    low = _bound(scan, at)
    if not scan.take_keyword("TO"):
        scan.refuse(_RANGE, at=at)
    high = _bound(scan, at)
    includes_high = scan.peek() == "]"
    if not scan.take("]") and not scan.take("}"):
        scan.refuse("this range is never closed", at=at)
    return Range(low, high, includes_low, includes_high)


def _bound(scan: Scanner, opened: int) -> str | None:
    scan.skip_blanks()
    at = scan.pos
    bound, quoted = scan.bound()
    if not bound and not quoted:
        scan.refuse(_RANGE, at=opened)
    is_open = scan.text[at : scan.pos] == "*"
    scan.skip_blanks()
    return None if is_open else bound


def cidr(scan: Scanner) -> Term:
    """The arguments of ``CIDR``, whose name is read; the position is at the parenthesis."""
    opened = scan.pos
    scan.pos += 1
    scan.skip_blanks()
    at = scan.pos
    name = scan.argument()
    if name in ("", "@", "*"):
        scan.refuse("CIDR needs a field", at=at, hint=_CIDR)
    blocks: list[str] = []
    scan.skip_blanks()
    while scan.take(","):
        blocks.append(_block(scan))
        scan.skip_blanks()
    if not scan.take(")"):
        scan.refuse("this parenthesis is never closed", at=opened, hint=_CIDR)
    if not blocks:
        scan.refuse("CIDR needs a block", at=opened, hint=_CIDR)
    return Term(field_named(scan, name, at), Cidr(tuple(blocks)))


def _block(scan: Scanner) -> str:
    scan.skip_blanks()
    at = scan.pos
    block = scan.argument()
    try:
        ipaddress.ip_network(block, strict=False)
    except ValueError:
        scan.refuse("this is no CIDR block", at=at, hint="A block is 13.0.0.0/8 or 2001:db8::/32.")
    return block


def matcher_of(word: list[str | Wild]) -> Matcher:
    """What a word asks for: a text, any value, or a glob with runs of ``*`` made one."""
    before: list[str | Wild | None] = [None, *word]
    parts = [
        part
        for part, last in zip(word, before, strict=False)
        if part is not Wild.RUN or last is not part
    ]
    match parts:
        case []:
            return Literal("")
        case [Wild.RUN]:
            return Exists()
        case [str(text)]:
            return Literal(text)
    return Glob(tuple(parts))


def check_start(scan: Scanner, refused: str) -> None:
    """Refuse a character that a word can't begin with."""
    character = scan.peek()
    if character and character in refused:
        calculated = "Calculated fields exist in the Log Explorer only; "
        hint = calculated + "escape # with a backslash." if character == "#" else _ESCAPE
        scan.refuse(f"{character} can't stand here", hint=hint)


def check_end(scan: Scanner, at: int) -> None:
    """Refuse a value that runs into a character which would need an escape."""
    character = scan.peek()
    if character and character in ":[]{}" and scan.pos > at:
        scan.refuse(f"{character} can't stand inside a value", hint=_ESCAPE)
