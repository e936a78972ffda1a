"""Datadog's log search syntax: parse, print, match, explain, reason about."""

from __future__ import annotations

from grantex_tui.datadog.search.analysis import (
    check_scope,
    fields,
    possible,
    possible_values,
    required_terms,
    terms,
)
from grantex_tui.datadog.search.compile import compile_node, compile_query
from grantex_tui.datadog.search.errors import SearchError
from grantex_tui.datadog.search.explain import Explanation, explain, render_explanation
from grantex_tui.datadog.search.facets import count_by, facet_reader
from grantex_tui.datadog.search.parser import parse
from grantex_tui.datadog.search.printer import to_text, tree_text
from grantex_tui.datadog.search.tree import (
    And,
    Cidr,
    Compare,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Node,
    Not,
    Or,
    Range,
    Term,
    Wild,
)


__all__ = [
    "And",
    "Cidr",
    "Compare",
    "Everything",
    "Exists",
    "Explanation",
    "Field",
    "Glob",
    "Literal",
    "Node",
    "Not",
    "Or",
    "Range",
    "SearchError",
    "Term",
    "Wild",
    "check_scope",
    "compile_node",
    "compile_query",
    "count_by",
    "explain",
    "facet_reader",
    "fields",
    "parse",
    "possible",
    "possible_values",
    "render_explanation",
    "required_terms",
    "terms",
    "to_text",
    "tree_text",
]
