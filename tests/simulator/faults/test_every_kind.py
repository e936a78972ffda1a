"""Every kind of fault that the code knows is seen on the wire, and `watch` to come through it."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from grantex_sim.faults import (
    Answer,
    End,
    Fault,
    Opening,
    Passing,
    Rewriting,
    keys,
    parse_fault_text,
)
from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.kinds.registry import kinds_about
from grantex_sim.faults.model import LINES, said


ABOUT = {
    Answer: About.REQUEST,
    Opening: About.CONNECTION,
    Passing: About.EVENT,
    Rewriting: About.EMISSION,
}
FOLDER = Path(__file__).parent
RECORDS = {
    Answer: keys.ANSWER,
    Opening: keys.OPENING,
    Passing: keys.PASSING,
    Rewriting: keys.REWRITING,
}


def names(record: type) -> list[str]:
    """The fields that say what happens, and not which fault it was."""
    own = [field.name for field in fields(record) if field.compare and field.name != "acts"]
    return [*own, *kinds_about(ABOUT[record])]


def forms(record: type, name: str) -> list[str]:
    """The kinds of fault that a field stands for: an end is several, and so is a choice."""
    if name == "end":
        return [f"{record.__name__} {end.value}" for end in End]
    reader = RECORDS[record].get(name)
    kind = getattr(reader, "__self__", None)
    choices = getattr(kind.read if isinstance(kind, Kind) else reader, "choices", None)
    if choices or name == "split":
        return [f"{record.__name__} {name}={choice}" for choice in choices or ("bytes", "utf8")]
    return [f"{record.__name__} {name}"]


KINDS = {kind for record in RECORDS for name in names(record) for kind in forms(record, name)}
"""Such as ``Answer lost_202=hang``, ``Opening bom``, ``Passing kill``."""
NOT_ON_A_SOCKET = {f"{record} {key}" for record in ("Opening", "Passing") for key in LINES}


def kinds_of(fault: Fault) -> set[str]:
    record = type(fault.do)
    found = set()
    given = said(fault.do)
    given.pop("acts", None)
    given |= {act.word: act.value for act in fault.do.acts}
    for name, value in given.items():
        if name == "end":
            found.add(f"{record.__name__} {value}")
        elif name == "split":
            found.add(f"{record.__name__} split={'bytes' if value else 'utf8'}")
        elif len(forms(record, name)) > 1:
            found.add(f"{record.__name__} {name}={value}")
        else:
            found.add(f"{record.__name__} {name}")
    return found


def kinds_in(file: Path) -> set[str]:
    """The kinds of all faults that stand in a file of tests."""
    tree = ast.parse(file.read_text())
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    pieces = {id(part) for string in strings for part in string.values}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces
    ]
    faults = [text for text in texts if text.startswith(("intake ", "stream "))]
    return set().union(*(kinds_of(parse_fault_text(text)) for text in faults))


ANSWERS = {kind for kind in KINDS if kind.startswith("Answer ")}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("test_intake_wire.py", ANSWERS),
        ("test_stream_wire.py", KINDS - ANSWERS),
        ("test_socket_wire.py", KINDS - ANSWERS - NOT_ON_A_SOCKET),
        ("test_watch_*.py", KINDS),
    ],
)
def test_every_kind_has_its_test(pattern, expected):
    files = list(FOLDER.glob(pattern))
    assert files
    assert len(expected) >= 18
    assert expected - set().union(*map(kinds_in, files)) == set()
