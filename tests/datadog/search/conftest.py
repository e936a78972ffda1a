"""Logs from plain JSON objects, and trees from hypothesis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.search import (
    And,
    Cidr,
    Compare,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Not,
    Or,
    Range,
    Term,
    Wild,
    compile_query,
)


OWN = {"message", "host", "service", "source", "status", "trace_id"}


def log_of(said):
    """A log from one flat object: Datadog's own names are the log's fields, the rest attributes."""
    log = Log(
        attributes={k: v for k, v in said.items() if k not in OWN and k != "tags"},
        tags=tuple(said.get("tags", ())),
    )
    own: dict[str, Any] = {key: str(value) for key, value in said.items() if key in OWN}
    return replace(log, **own)


@pytest.fixture(scope="session")
def make_log():
    return log_of


@pytest.fixture(scope="session")
def matches():
    """Whether a search matches a log given as an object."""
    return lambda query, said: compile_query(query)(log_of(said))


@pytest.fixture(scope="session")
def data():
    return Path(__file__).parent / "data"


def _globs(texts):
    """Texts and wildcards in turn: no two texts in a row, no two stars."""
    pieces = st.lists(st.one_of(texts.filter(bool), st.sampled_from(Wild)), min_size=2)
    kind = {str: "text", Wild: "wild"}
    in_turn = pieces.map(
        lambda parts: tuple(
            part
            for part, last in zip(parts, [None, *parts], strict=False)
            if part is Wild.ONE or kind[type(part)] != kind.get(type(last)) or last is Wild.ONE
        )
    )
    wild = in_turn.filter(lambda parts: len(parts) > 1 or parts == (Wild.ONE,))
    return wild.filter(lambda parts: any(isinstance(part, Wild) for part in parts)).map(Glob)


def node_strategy(texts, field_names):
    """Trees in the form that the parser makes, over *texts* and fields called *field_names*."""
    fields = field_names.map(Field.of)
    bounds = st.one_of(texts, st.integers(-99, 99).map(str))
    matchers = st.one_of(
        texts.map(Literal),
        st.just(Exists()),
        _globs(texts),
        st.builds(Compare, st.sampled_from([">", ">=", "<", "<="]), bounds),
        st.builds(Range, st.none() | bounds, bounds, st.booleans(), st.booleans()),
        st.builds(Range, bounds, st.none(), st.booleans(), st.booleans()),
    )
    blocks = st.lists(st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "1.2.3.4"]), min_size=1)
    terms = st.one_of(
        st.builds(Term, fields, matchers),
        st.builds(Term, st.just(Field.of("*")), texts.map(Literal) | _globs(texts)),
        st.builds(Term, fields, blocks.map(tuple).map(Cidr)),
    )
    return st.recursive(
        st.just(Everything()) | terms,
        lambda inner: (
            st.builds(Not, inner)
            | st.lists(inner, min_size=2, max_size=4).map(tuple).map(And)
            | st.lists(inner, min_size=2, max_size=4).map(tuple).map(Or)
        ),
        max_leaves=8,
    )


@pytest.fixture(scope="session")
def nodes():
    return node_strategy
