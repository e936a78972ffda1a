"""Scripted faults on both sides: what goes wrong, for whom and when, and the doing of it."""

from __future__ import annotations

from grantex_sim.faults.model import (
    Answer,
    End,
    Fault,
    Handshake,
    Match,
    Opening,
    Passing,
    Rewriting,
    Side,
    When,
)
from grantex_sim.faults.parse import parse_fault_text, parse_faults
from grantex_sim.faults.routes import FaultRoutes, read_faults
from grantex_sim.faults.script import FaultScript
from grantex_sim.faults.statuses import IntakeScript, Step, parse_statuses
from grantex_sim.faults.values import FaultError


__all__ = [
    "Answer",
    "End",
    "Fault",
    "FaultError",
    "FaultRoutes",
    "FaultScript",
    "Handshake",
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
