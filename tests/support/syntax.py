"""Syntax trees of sources, parsed once for all who ask about the house."""

from __future__ import annotations

import ast
from functools import cache


@cache
def parsed(source: str) -> ast.Module:
    """The tree of a source; nobody changes it."""
    return ast.parse(source)


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source's tree, walked once."""
    return tuple(ast.walk(parsed(source)))
