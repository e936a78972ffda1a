"""The JSON schema of scenario files, for editors, and the table of keys for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_sim.scenario import keys
from grantex_sim.scenario.values import mapping


if TYPE_CHECKING:
    from grantex_sim.scenario.values import Schema


def scenario_schema() -> Schema:
    """The schema of a whole file (JSON schema, draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "grantex-sim scenario",
        **mapping("a scenario", keys.TOP, lambda got, _: got).schema,
    }
