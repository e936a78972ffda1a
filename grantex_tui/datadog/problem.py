"""One finding of a check: what is wrong in a Datadog object, Datadog's rule, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """An error (Datadog refuses it, or it can't work) or a piece of advice.

    ``code`` is stable kebab-case, fit for suppressing; ``where`` is a JSON path inside the object
    such as ``processors[2].type``; ``rule`` names Datadog's page or quotes its rule.
    """

    severity: Literal["error", "advice"]
    code: str
    message: str
    where: str
    rule: str
    fix: str
