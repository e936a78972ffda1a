"""The forms that any report can be written in: one module a form, found by being there."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_tui.report.blocks import Report


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a report."""

    name: str
    """The word after ``--format``."""
    says: str
    """What it is for, for ``--help`` and the documentation."""
    write: Callable[[Report, int], str]
    """Writes a report; the number is the width of the terminal, in cells."""


@cache
def forms() -> Mapping[str, Form]:
    """All forms by their names; each module of this package has a ``FORM``."""
    names = sorted(each.name for each in pkgutil.iter_modules(__path__, f"{__name__}."))
    found: list[Form] = [import_module(name).FORM for name in names]
    return {form.name: form for form in found}


def form_names() -> list[str]:
    """The names of all forms, without loading any."""
    return sorted(each.name for each in pkgutil.iter_modules(__path__))
