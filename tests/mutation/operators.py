"""The kinds of change: what an expression or a statement might wrongly be instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator


_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_NEGATION: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_TWINS = {
    "min": "max", "max": "min", "any": "all", "all": "any", "bisect_left": "bisect_right",
    "bisect_right": "bisect_left", "floor": "ceil", "ceil": "floor", "appendleft": "append",
    "append": "appendleft", "popleft": "pop",
}  # fmt: skip
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "log"})


def changed_expressions(node: ast.expr) -> Iterator[ast.expr]:
    """What might stand in the place of *node*."""
    change = _EXPRESSIONS.get(type(node))
    if change is not None:
        yield from change(node)


def changed_statements(node: ast.stmt) -> Iterator[str]:
    """What might stand in the place of *node*, a line each."""
    if isinstance(node, ast.Return):
        if node.value is not None and not _is_none_or_false(node.value):
            yield "return None"
    elif isinstance(node, ast.Continue):
        yield "break"
    elif isinstance(node, ast.Break):
        yield "continue"
    elif _has_effect(node):
        yield "pass"


def negated(condition: ast.expr) -> ast.expr | None:
    """The opposite of a condition, unless another change of it says the same."""
    single = isinstance(condition, ast.Compare) and len(condition.ops) == 1
    opposite = isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)
    if single or opposite or isinstance(condition, ast.Constant):
        return None  # the comparison's own changes, and the operand alone, are that
    return ast.UnaryOp(ast.Not(), condition)


def _compare(node: ast.Compare) -> Iterator[ast.expr]:
    for index, op in enumerate(node.ops):
        for other in (_BOUNDARY.get(type(op)), _NEGATION.get(type(op))):
            if other is not None:
                ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)


def _bool_op(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _bin_op(node: ast.BinOp) -> Iterator[ast.expr]:
    other = _ARITHMETIC.get(type(node.op))
    if other is not None and not (_is_display(node.left) or _is_display(node.right)):
        yield ast.BinOp(node.left, other(), node.right)


def _unary_op(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


def _name(node: ast.Name) -> Iterator[ast.expr]:
    if node.id in _TWINS and isinstance(node.ctx, ast.Load):
        yield ast.Name(_TWINS[node.id], node.ctx)


_EXPRESSIONS: dict[type[ast.expr], Callable[..., Iterator[ast.expr]]] = {
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.BinOp: _bin_op,
    ast.UnaryOp: _unary_op,
    ast.Constant: _constant,
    ast.Name: _name,
}


def _has_effect(node: ast.stmt) -> bool:
    """Whether leaving *node* out leaves the module whole: names stay bound, only an effect goes."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.Await)) and not is_logging(node.value)
    if isinstance(node, ast.Assign):
        return any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets)
    return isinstance(node, (ast.AugAssign, ast.Raise, ast.Delete))


def is_logging(node: ast.expr) -> bool:
    """Whether *node* writes to a log: what it says is for people."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LOGGING
        and isinstance(node.func.value, (ast.Name, ast.Attribute))
        and ast.unparse(node.func.value).lower().rpartition(".")[2].strip("_") in ("log", "logger")
    )


def _is_none_or_false(node: ast.expr) -> bool:
    """Who asks for a truth can't tell these two apart."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_display(node: ast.expr) -> bool:
    """Whether it is plainly a text or a collection, which has no difference: any test would see."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (str, bytes))
    return isinstance(node, (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp, ast.Dict))
