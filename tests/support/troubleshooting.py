"""docs/troubleshooting.md from the errors in the code: what is said, what to do, the exit code.

`python -m tests.support.troubleshooting` writes the page; a test compares.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from grantex_tui import errors


ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
HEAD = """# Troubleshooting, by what was printed

Every error that comes with advice, by exit code; `…` stands for what differs. The page is made from the code.
"""
EXIT = {
    2: "Exit code 2: the command line or the settings",
    3: "Exit code 3: a file",
    4: "Exit code 4: Grantex refused",
    5: "Exit code 5: Datadog refused; undelivered events are kept",
    6: "Exit code 6: the journal",
    7: "Exit code 7: events were lost",
    1: "Exit code 1: a server that doesn't answer, and others",
}


def text_of(node: ast.expr | None) -> str:
    """A text as it stands in the code, ``…`` for what is put in; empty if it isn't written there."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "…" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left) + (text_of(right) or "…")
        case ast.IfExp(body=body):
            return text_of(body)
    return ""


def advice() -> dict[int, dict[str, str]]:
    """By exit code: the message and what to do next."""
    codes = {
        name: int(kind.exit_code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.GrantexTuiError)
    }
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for path in sorted((ROOT / "grantex_tui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[message, *_], keywords=keywords):
                    hint = next((each.value for each in keywords if each.arg == "hint"), None)
                    said, todo = text_of(message), text_of(hint)
                    if name in codes and said.strip("… ") and todo.strip("… "):
                        found[codes[name]].setdefault(said, todo)
    return found


def page() -> str:
    """The whole page."""
    found, parts = advice(), [HEAD]
    for code, title in EXIT.items():
        rows = [f"| {cell(said)} | {cell(todo)} |" for said, todo in sorted(found[code].items())]
        parts.append("\n".join([f"## {title}\n", "| it says | do this |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def cell(text: str) -> str:
    """*text* within a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
