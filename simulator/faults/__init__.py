"""Scripted faults on both sides: what goes wrong, for whom and when, and the doing of it."""

from __future__ import annotations

from simulator.faults.model import (
    Answer,
    End,
    Fault,
    Match,
    Opening,
    Passing,
    Rewriting,
    Side,
    When,
)
from simulator.faults.parse import parse_faults
from simulator.faults.routes import FaultRoutes, read_faults
from simulator.faults.script import FaultScript
from simulator.faults.statuses import IntakeScript, Step, parse_statuses
from simulator.faults.text import parse_fault_text
from simulator.faults.values import FaultError


__all__ = [
    "Answer",
    "End",
    "Fault",
    "FaultError",
    "FaultRoutes",
    "FaultScript",
    "IntakeScript",
    "Match",
    "Opening",
    "Passing",
    "Rewriting",
    "Side",
    "Step",
    "When",
    "parse_fault_text",
    "parse_faults",
    "parse_statuses",
    "read_faults",
]
