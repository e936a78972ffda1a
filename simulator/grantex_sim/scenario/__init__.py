"""Scenarios: what happens on a Grantex, from a seed, with labelled incidents and faults.

The same scenario, seed, start and duration give the same bytes, on every machine and Python.
"""

from __future__ import annotations

from grantex_sim.scenario.bundled import bundled_scenarios, load_scenario
from grantex_sim.scenario.events import scenario_events, scenario_source
from grantex_sim.scenario.model import Incident, Scenario
from grantex_sim.scenario.reader import ScenarioError, read_scenario


__all__ = [
    "Incident",
    "Scenario",
    "ScenarioError",
    "bundled_scenarios",
    "load_scenario",
    "read_scenario",
    "scenario_events",
    "scenario_source",
]
