"""The forms in which `sweep`, `explain`, `diff` and `coverage` print what they found."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import argparse

    from grantex_tui.report.blocks import Report


def add_form(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """The options that say how to print it; more may be added to their group."""
    from grantex_tui.report.render import form_names

    group = parser.add_argument_group("output")
    form = group.add_mutually_exclusive_group()
    names = form_names()
    form.add_argument(
        "--format", choices=names, default="text", metavar="FORM",
        help=f"{', '.join(names[:-1])} or {names[-1]} (text)",
    )  # fmt: skip
    form.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="the same as --format json",
    )
    form.add_argument(
        "--markdown", action="store_const", const="markdown", dest="format",
        help="the same as --format markdown, for a pull request",
    )  # fmt: skip
    return group


def show(report: Report, args: argparse.Namespace) -> None:
    """Print it in the form that was asked for."""
    import shutil

    from grantex_tui.report.render import forms

    width = shutil.get_terminal_size((100, 24)).columns
    sys.stdout.write(forms()[args.format].write(report, width))
