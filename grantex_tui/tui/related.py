"""What else is known of an event's grant and agent, from the events in memory: lines of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.tui.drawing.format import clock
from grantex_tui.words.display import settled


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grantex_tui.watch.frame import EventRow

_SHOWN = 20
_DEEPEST = 20


class _Data(msgspec.Struct, gc=False):
    parentGrantId: str = ""  # noqa: N815 - the wire's name


class _Created(msgspec.Struct, gc=False):
    data: _Data = msgspec.field(default_factory=_Data)


_decode = msgspec.json.Decoder(_Created).decode


def related(event: EventRow, recent: Sequence[EventRow]) -> list[str]:
    """The grant's life, its place among the grants delegated from one another, its agent."""
    lines: list[str] = []
    if event.grant_id:
        lines += ["", *_life(event, recent), *_tree(event, recent)]
    if event.agent_id:
        lines += ["", *_agent(event.agent_id, recent)]
    return lines


def _life(event: EventRow, recent: Sequence[EventRow]) -> Iterator[str]:
    own = [row for row in recent if row.grant_id == event.grant_id]
    yield f"Grant {_name(event.grant_id)}: {len(own)} events in memory"
    first = max(0, min(len(own) - _SHOWN, _index(own, event) - _SHOWN // 2))
    for row in own[first : first + _SHOWN]:
        here = ">" if row.sequence == event.sequence else " "
        yield f" {here} {clock(row.received_at, milliseconds=True)}  {_name(row.type)}"


def _index(rows: Sequence[EventRow], event: EventRow) -> int:
    return next((at for at, row in enumerate(rows) if row.sequence == event.sequence), 0)


def _tree(event: EventRow, recent: Sequence[EventRow]) -> list[str]:
    """The grants above and below, indented by their depth."""
    parents, agents, gone = _delegations(recent)
    top, above = event.grant_id, 0
    while (parent := parents.get(top)) and above < _DEEPEST:
        top, above = parent, above + 1
    children: dict[str, list[str]] = {}
    for grant, parent in parents.items():
        children.setdefault(parent, []).append(grant)
    if top == event.grant_id and top not in children:
        return ["", "Delegation: none known, neither from another grant nor to one"]
    return ["", "Delegation", *_branch(top, 1, children, agents, gone, event.grant_id)][
        : 2 + 3 * _SHOWN
    ]


def _delegations(
    recent: Sequence[EventRow],
) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Each grant's parent and agent, and the grants that were revoked."""
    parents: dict[str, str] = {}
    agents: dict[str, str] = {}
    for row in recent:
        if row.type != "grant.created":
            continue
        agents[row.grant_id] = row.agent_id
        if b"parentGrantId" in row.raw and (parent := _parent(row.raw)):
            parents[row.grant_id] = parent
    return parents, agents, {row.grant_id for row in recent if row.type == "grant.revoked"}


def _parent(raw: bytes) -> str:
    try:
        return _decode(raw).data.parentGrantId
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _branch(
    grant: str,
    depth: int,
    children: Mapping[str, Sequence[str]],
    agents: Mapping[str, str],
    gone: set[str],
    here: str,
) -> Iterator[str]:
    mark = ">" if grant == here else " "
    state = ", revoked" if grant in gone else ""
    yield f" {mark}{'  ' * depth}{_name(grant)}  {_name(agents.get(grant, ''))}{state}".rstrip()
    if depth < _DEEPEST:
        for child in children.get(grant, ()):
            yield from _branch(child, depth + 1, children, agents, gone, here)


def _agent(agent: str, recent: Sequence[EventRow]) -> Iterator[str]:
    types = Counter(row.type for row in recent if row.agent_id == agent)
    yield f"Agent {_name(agent)}: {types.total():,} events in memory"
    yield from (f"   {number:>6,}  {_name(name)}" for name, number in types.most_common(8))


def _name(text: str) -> str:
    return settled(text, limit=80)
