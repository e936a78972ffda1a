"""Every small change of a module that its tests ought to notice, each with its place.

Left out is what no test should pin: docstrings, annotations, decorators, the texts of errors and of
format strings, what is logged, and assertions, which are there for the type checker.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.operators import changed_expressions, changed_statements, is_logging, negated


_AT_IMPORT = "<module>"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    path: str
    line: int
    function: str
    """The qualified name of the function that it is in; empty: it runs at import."""
    text: str
    """The line as it stands, without its indentation."""
    before: str
    after: str
    nth: int
    """Which of those that are alike in all of the four above."""
    first: int
    last: int
    """The lines of its statement's own part: a test that runs none of them can't notice."""
    start: int
    end: int
    """In bytes of the module's source."""

    @property
    def key(self) -> str:
        """The same after the module has moved, and after changes elsewhere in it."""
        return "\n".join((self.function, self.text, self.before, self.after, str(self.nth)))

    def applied(self, source: str) -> str:
        """The module's source with the change."""
        whole = source.encode()
        return b"".join((whole[: self.start], self.after.encode(), whole[self.end :])).decode()


def mutants(path: str, source: str) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    walk = _Walk(path, source)
    walk.block(ast.parse(source).body)
    return walk.found


class _Walk:
    """Goes through a module's tree with the place that it is in."""

    def __init__(self, path: str, source: str) -> None:
        self.found: list[Mutant] = []
        self._path = path
        self._source = source
        self._lines = source.splitlines()
        self._starts = [0]
        for line in source.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._names: tuple[str, ...] = ()
        self._in_function = False
        self._own = (1, 1)
        self._alike: Counter[str] = Counter()

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._inside(node.name, node.body, is_function=self._in_function)
        elif not _left_out(node):
            self._own = _own_lines(node)
            for after in changed_statements(node):
                self._add(node, ast.unparse(node), after)
            self._children(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name in ("__repr__", "__str__"):
            return
        self._own = (node.lineno, max(node.lineno, node.body[0].lineno - 1))
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._expression(default)
        self._inside(node.name, node.body, is_function=True)

    def _inside(self, name: str, body: list[ast.stmt], *, is_function: bool) -> None:
        outside = self._names, self._in_function
        self._names, self._in_function = (*self._names, name), is_function
        self.block(body)
        self._names, self._in_function = outside

    def _children(self, node: ast.AST, *, is_condition: bool = False) -> None:
        conditions = _conditions(node, is_condition=is_condition)
        for child in _told_children(node):
            if isinstance(child, ast.stmt):
                self._statement(child)
            elif isinstance(child, ast.expr):
                self._expression(child, is_condition=child in conditions)
            else:
                self._children(child)

    def _expression(self, node: ast.expr, *, is_condition: bool = False) -> None:
        if isinstance(node, ast.JoinedStr) or is_logging(node):
            return
        opposite = negated(node) if is_condition else None
        for other in (*changed_expressions(node), *([] if opposite is None else [opposite])):
            self._add(node, ast.unparse(node), _unparsed(other))
        self._children(node, is_condition=is_condition)

    def _add(self, node: ast.stmt | ast.expr, before: str, after: str) -> None:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        text = self._lines[node.lineno - 1].strip()
        function = ".".join(self._names) if self._in_function else ""
        alike = f"{function}\n{text}\n{before}\n{after}"
        self._alike[alike] += 1
        self.found.append(
            Mutant(
                path=self._path,
                line=node.lineno,
                function=function,
                text=text,
                before=before,
                after=after,
                nth=self._alike[alike],
                first=self._own[0],
                last=self._own[1],
                start=self._starts[node.lineno - 1] + node.col_offset,
                end=self._starts[end_line - 1] + end_column,
            )
        )


def _left_out(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring, or the dots of a protocol
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return True
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert, ast.Global, ast.Nonlocal))


def _told_children(node: ast.AST) -> Iterator[ast.AST]:
    """What of *node* is looked into."""
    if isinstance(node, ast.Raise):
        return  # an error's text
    if isinstance(node, ast.AnnAssign):
        yield from () if node.value is None else (node.value,)
    elif isinstance(node, ast.match_case):
        yield from (*(() if node.guard is None else (node.guard,)), *node.body)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar", "NewType"):
        yield from node.args[1:]
    else:
        yield from ast.iter_child_nodes(node)


def _conditions(node: ast.AST, *, is_condition: bool) -> list[ast.expr]:
    """Which of *node*'s parts decide something, if it is itself a condition or not.

    Elsewhere the operands of an `or` are values, of which one stands in for another that is empty,
    and so is the last of an `and`.
    """
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        return [node.test]
    if isinstance(node, ast.comprehension):
        return node.ifs
    if isinstance(node, ast.BoolOp):
        is_value = isinstance(node.op, ast.Or) and not is_condition
        return [] if is_value else node.values if is_condition else node.values[:-1]
    return [node.guard] if isinstance(node, ast.match_case) and node.guard is not None else []


def _own_lines(node: ast.stmt) -> tuple[int, int]:
    """The lines of *node* up to the block that it has, if it has one."""
    bodies = [getattr(node, name, None) for name in ("body", "cases")]
    inner = [body[0] for body in bodies if body]
    last = node.end_lineno or node.lineno
    if inner:
        first = inner[0]
        start = first.pattern.lineno if isinstance(first, ast.match_case) else first.lineno
        last = max(node.lineno, start - 1)
    return node.lineno, last


def _unparsed(other: ast.expr) -> str:
    """As it can stand anywhere."""
    text = ast.unparse(other)
    return text if isinstance(other, (ast.Name, ast.Constant)) and "-" not in text else f"({text})"
