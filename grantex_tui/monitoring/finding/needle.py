"""A text that stands in every line of which the log can match: what need not be decoded at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline import Copy, FirstOf, Untouched, resolve
from grantex_tui.datadog.search import Literal, Term, parse, required_terms
from grantex_tui.datadog.search.values import number_of


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.pipeline import Pipeline

_AS_IT_IS = re.compile(r"[A-Za-z0-9_.:\- ]+")
"""Of a text, what JSON writes as it is, unless it writes it by its number."""
_LEAST = 3


def needle_of(search: str, pipelines: Sequence[Pipeline]) -> bytes | None:
    """The longest such text; None if there is none.

    It is the value of an attribute that the search requires, which no pipeline makes: it copies it
    at most. A number has other spellings, and a tag stands in a line as it was before it was made
    one.
    """
    enabled = [pipeline for pipeline in pipelines if pipeline.is_enabled]
    found = [
        piece
        for term in required_terms(parse(search))
        if isinstance(term, Term)
        and isinstance(term.matcher, Literal)
        and term.field.kind == "attribute"
        and number_of(term.matcher.text) is None
        and isinstance(resolve(enabled, term.field.name), Untouched | Copy | FirstOf)
        for piece in _AS_IT_IS.findall(term.matcher.text)
    ]
    longest = max(found, key=len, default="")
    return longest.encode() if len(longest) >= _LEAST else None
