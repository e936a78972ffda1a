"""Datadog's log search syntax, read into a tree.

::

    query  := clause ((AND | OR | nothing = AND) clause)*         AND binds tighter than OR
    clause := (NOT | "-" | "+")* ( "(" query ")" | field ":" "(" query ")" | field ":" value | value
                                 | "CIDR(" field "," block ("," block)* ")" )
    value  := word | "phrase" | word with * or ? | op bound | [low TO high] | {low TO high}

Datadog: logs/explorer/search_syntax; where it is silent, Vector's grammar of the same syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import join_path
from grantex_tui.datadog.search import operands
from grantex_tui.datadog.search.scanner import Scanner
from grantex_tui.datadog.search.tree import (
    ANY,
    MESSAGE,
    And,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Matcher,
    Node,
    Not,
    Or,
    Range,
    Term,
    Wild,
)


if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[Matcher, int], Node]
    """Makes the node of a value read at a position, for the field in force."""

MAX_DEPTH = 100
"""Groups and negations inside one another; far above any real search, far below Python's stack."""


def parse(text: str) -> Node:
    """The tree of a log search; an empty one matches everything.

    Raises:
        SearchError: It is no search; says where and what to do.
    """
    scan = Scanner(text)
    scan.skip_blanks()
    if not scan.peek():
        return Everything()
    node = _Parser(scan).query(_free_text)
    if scan.peek():
        scan.refuse("this parenthesis was never opened", hint="Remove it, or write \\) for one.")
    return node


class _Parser:
    """Recursive descent; one call of `query` and one of `_atom` for each group."""

    def __init__(self, scan: Scanner) -> None:
        self._scan = scan
        self._depth = 0

    def query(self, make: Make) -> Node:
        """Clauses up to the end or a closing parenthesis."""
        scan = self._scan
        groups: list[list[Node]] = [[]]
        dangling = ""
        dangling_at = scan.pos
        while scan.more():
            at = scan.pos
            if operator := self._conjunction():
                if dangling or not groups[-1]:
                    scan.refuse(f"{operator} needs a search on its left", at=at)
                dangling, dangling_at = operator, at
                if operator in ("OR", "||"):
                    groups.append([])
                continue
            groups[-1].append(self._clause(make))
            dangling = ""
        if dangling:
            scan.refuse(f"{dangling} needs a search on its right", at=dangling_at)
        if not groups[-1]:
            scan.refuse("there is nothing between the parentheses")
        alternatives = [_joined(And, group) for group in groups]
        return _joined(Or, alternatives)

    def _conjunction(self) -> str:
        scan = self._scan
        for word in ("AND", "OR"):
            if scan.take_keyword(word):
                return word
        return next((sign for sign in ("&&", "||") if scan.take(sign)), "")

    def _clause(self, make: Make) -> Node:
        scan = self._scan
        negations = 0
        while True:
            at = scan.pos
            if scan.take("-") or scan.take_keyword("NOT"):
                negations += 1
                self._deeper(at)
            elif not scan.take("+"):
                break
            sign = scan.text[at : scan.pos]
            if not scan.more():
                scan.refuse(f"{sign} needs a search after it", at=at)
        node = self._atom(make)
        for _ in range(negations):
            node = Not(node)
        self._depth -= negations
        return node

    def _atom(self, make: Make) -> Node:
        scan = self._scan
        at = scan.pos
        if scan.peek() == "(":
            return self._group(make)
        if scan.peek() == '"':
            return self._phrase(make)
        if (special := operands.special(scan)) is not None:
            operands.check_end(scan, at)
            return make(special, at)
        operands.check_start(scan, "!:#=]}")
        return self._word(make)

    def _phrase(self, make: Make) -> Node:
        at = self._scan.pos
        phrase = self._scan.phrase()
        if not self._scan.take(":"):
            return make(Literal(phrase), at)
        # Observability Pipelines write a key that holds dots like this, without the @.
        return self._value(_maker_of(Field("attribute", join_path((phrase,)))))

    def _word(self, make: Make) -> Node:
        scan = self._scan
        at = scan.pos
        word = scan.word()
        if word == ["CIDR"] and scan.peek() == "(":
            return operands.cidr(scan)
        if scan.take(":"):
            return self._value(self._maker(word, at))
        if scan.text[at] == "@" and make is _free_text:
            scan.refuse(
                "an attribute needs a value here",
                at=at,
                hint="Write @path:value, @path:* for any value, or quote a word that begins with @.",
            )
        operands.check_end(scan, at)
        return make(operands.matcher_of(word), at)

    def _group(self, make: Make) -> Node:
        scan = self._scan
        at = scan.pos
        self._deeper(at)
        scan.pos += 1
        node = self.query(make)
        if not scan.take(")"):
            scan.refuse("this parenthesis is never closed", at=at)
        self._depth -= 1
        return node

    def _deeper(self, at: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._scan.refuse(f"groups and negations nest deeper than {MAX_DEPTH}", at=at)

    def _maker(self, word: list[str | Wild], at: int) -> Make:
        """What the value after ``word:`` becomes."""
        if word == [Wild.RUN]:
            return self._full_text
        name = "".join(part for part in word if isinstance(part, str))
        if len(word) != 1 or name == "@":
            self._scan.refuse(
                "this is no key: a key is not empty and holds no wildcard",
                at=at,
                hint="*:value searches every attribute.",
            )
        match name:
            case "_exists_":
                return self._exists
            case "_missing_":
                return lambda matcher, at: Not(self._exists(matcher, at))
            case "_default_":
                return _free_text
        return _maker_of(operands.field_named(self._scan, name, at))

    def _exists(self, matcher: Matcher, at: int) -> Node:
        if not isinstance(matcher, Literal) or matcher.text in ("", "@", "*"):
            self._scan.refuse("_exists_ and _missing_ take the name of one field", at=at)
        return Term(operands.field_named(self._scan, matcher.text, at), Exists())

    def _full_text(self, matcher: Matcher, at: int) -> Node:
        if isinstance(matcher, Exists):
            return Everything()
        if not isinstance(matcher, Literal | Glob):
            self._scan.refuse("*: takes words, phrases and wildcards only", at=at)
        return Term(ANY, matcher)

    def _value(self, make: Make) -> Node:
        """What follows a field's colon."""
        scan = self._scan
        after = scan.pos
        more = scan.more()
        at = scan.pos
        if scan.peek() == "(":
            return self._group(make)
        if not more or (at > after and self._conjunction()):
            scan.refuse(
                "a value is missing after the colon", at=after - 1, hint="key:* is any value."
            )
        return make(operands.value(scan), at)


def _free_text(matcher: Matcher, at: int) -> Node:
    """A value without a field, where ``*`` is everything, also logs without a message."""
    return Everything() if isinstance(matcher, Exists) else _maker_of(MESSAGE)(matcher, at)


def _maker_of(field: Field) -> Make:
    def make(matcher: Matcher, _at: int) -> Node:
        unbounded = isinstance(matcher, Range) and matcher.low is None and matcher.high is None
        return Term(field, Exists() if unbounded else matcher)

    return make


def _joined(kind: type[And | Or], nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes))
