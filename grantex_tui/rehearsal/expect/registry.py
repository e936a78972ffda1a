"""Every kind of expectation, found by being a module of `kinds`, and what ``expect`` takes."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct, defstruct

from grantex_tui.rehearsal.expect import kinds
from grantex_tui.rehearsal.expect.types import shape


if TYPE_CHECKING:
    from grantex_tui.rehearsal.expect.kind import Kind


@cache
def registered() -> tuple[Kind[Any], ...]:
    """All of them, by the names of their modules, each of which has its ``KINDS``."""
    names = sorted(each.name for each in pkgutil.iter_modules(kinds.__path__))
    modules = [import_module(f"{kinds.__name__}.{name}") for name in names]
    return tuple(kind for module in modules for kind in module.KINDS)


@cache
def expect_type() -> type[Struct]:
    """What stands below ``expect``: a key for each kind, every one of which may be left out."""
    fields: list[tuple[str, Any, None]] = [(k.key, _type(k) | None, None) for k in registered()]
    return defstruct(
        "Expect",
        fields,
        namespace={"__doc__": "What must hold; each entry is judged by itself."},
        frozen=True,
        forbid_unknown_fields=True,
    )


@cache
def required() -> dict[str, dict[str, list[str]]]:
    """By an entry's name the keys that mean nothing without others."""
    found = {kind.entry.__name__: dict(kind.requires or {}) for kind in registered()}
    for kind in registered():
        if "allow_absent" in kind.entry.__struct_fields__:
            found[kind.entry.__name__]["allow_absent"] = "group"
    return {
        name: {key: [other] for key, other in keys.items()} for name, keys in found.items() if keys
    }


def _type(kind: Kind[Any]) -> Any:
    several = Annotated[list[kind.entry], Meta(description=kind.says, min_length=1)]  # type: ignore[name-defined]  # mypy knows no types that are values
    if kind.takes == "a list":
        return several
    if kind.takes == "true or one":
        title = shape("true or a monitor", kind.write)
        return Annotated[Literal[True] | kind.entry, title, Meta(description=kind.says)]
    return Annotated[kind.entry | several, Meta(description=kind.says)]
