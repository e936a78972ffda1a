"""From parsed processors to the steps that a log goes through.

A step gets a private copy of the log and assigns to it; ``attributes`` is replaced, never changed in
place, so the objects of the original stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.copies import copy_runs, copy_step


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.pipeline.processor import Processor
    from grantex_tui.datadog.pipeline.run import Step


def compile_steps(processors: Sequence[Processor]) -> list[Step]:
    """The steps of the enabled processors, in order."""
    steps: list[Step] = []
    for run in copy_runs([processor for processor in processors if processor.is_enabled]):
        singly = [step for processor in run if (step := processor.step()) is not None]
        steps += [copy_step(run, singly)] if len(run) > 1 else singly
    return steps
