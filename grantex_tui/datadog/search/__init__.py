"""Datadog's log search syntax: parse, print, match, explain, reason about."""

from __future__ import annotations

from grantex_tui.datadog.search.compile import compile_node, compile_query
from grantex_tui.datadog.search.errors import SearchError
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
    "compile_node",
    "compile_query",
    "parse",
    "to_text",
    "tree_text",
]
