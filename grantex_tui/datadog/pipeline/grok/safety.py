r"""Which regular expressions could take exponential time here.

Datadog points to RE2, which is linear whatever the rule says; Python's engine backtracks, and
``(\w+\s*)*x`` on thirty letters takes minutes. A repeat without an end around a body that can
itself be split in several ways is refused for local evaluation. Recognised as harmless are bodies
with a separator that their own repeats can't match (``(\w+,)*``, ``(?:\.[a-z]+)*``), and
alternatives that begin with different characters (``(?:foo|bar)*``). Rows of ``.*`` stay
possible and cost a power of the text's length; the limit on that length bounds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


_ENDLESS = re.compile(r"[*+]|\{\d*,\}")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_OPENING = re.compile(r"\((?:\?(?:P<[^>]*>|<[=!]|[a-zA-Z-]*:|[=!>]))?")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


@dataclass(slots=True)
class _Item:
    """One element of a sequence: its regex, the literal it is, and whether it repeats for ever."""

    regex: str
    literal: str = ""
    endless: bool = False
    ambiguous: bool = False
    """It holds endless repeats of its own, which no separator keeps apart."""


@dataclass(slots=True)
class _Group:
    start: int
    atomic: bool = False
    branches: list[list[_Item]] = field(default_factory=lambda: [[]])


def nests_repeats(regex: str) -> str:
    """The piece of *regex* that could take exponential time, or an empty text."""
    stack = [_Group(0)]
    at = 0
    while at < len(regex):
        char = regex[at]
        if char == "(":
            opening = _OPENING.match(regex, at)
            end = opening.end() if opening else at + 1
            stack.append(_Group(at, atomic=regex.startswith("(?>", at)))
            at = end
            continue
        if char == "|":
            stack[-1].branches.append([])
            at += 1
            continue
        if char == ")" and len(stack) > 1:
            group = stack.pop()
            item = _Item(regex[group.start : at + 1], ambiguous=_is_ambiguous(group))
            at += 1
        else:
            atom = _ATOM.match(regex, at)
            text = atom[0] if atom else char
            item = _Item(text, literal=_literal(text))
            at += len(text)
        at = _quantify(item, regex, at)
        if item.endless and item.ambiguous:
            return item.regex
        stack[-1].branches[-1].append(item)
    return ""


def _quantify(item: _Item, regex: str, at: int) -> int:
    quantifier = _QUANTIFIER.match(regex, at)
    if quantifier is None:
        return at
    item.literal = ""
    possessive = len(quantifier[0]) > 1 and quantifier[0].endswith("+")
    item.endless = not possessive and _ENDLESS.match(quantifier[0]) is not None
    return quantifier.end()


def _literal(atom: str) -> str:
    if atom.startswith("\\"):
        return "" if atom[1:].isalnum() else atom[1:]
    return "" if len(atom) > 1 or atom in ".^$" else atom


def _is_ambiguous(group: _Group) -> bool:
    """Whether a repeat of the group could read one text in several ways."""
    if group.atomic:
        return False
    if len(group.branches) > 1:
        starts = [branch[0].literal if branch else "" for branch in group.branches]
        if not all(starts) or len(set(starts)) < len(starts):
            return True
    return any(_splits_freely(branch) for branch in group.branches)


def _splits_freely(branch: list[_Item]) -> bool:
    endless = [item for item in branch if item.endless or item.ambiguous]
    if not endless:
        return False
    edges = [item.literal for item in (branch[0], branch[-1]) if item.literal]
    return not any(_keeps_apart(edge, endless) for edge in edges)


def _keeps_apart(separator: str, endless: list[_Item]) -> bool:
    return all(not _can_hold(item, separator) for item in endless)


def _can_hold(item: _Item, char: str) -> bool:
    if item.ambiguous or item.regex.startswith("("):
        return True
    try:
        return re.fullmatch(item.regex, char, re.DOTALL) is not None
    except re.error:
        return True
