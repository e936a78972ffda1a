"""The files that the pages' commands are about: recorded events, monitors, rehearsals.

In a checkout they stand in ``fixtures/``; the wheel carries them beside this module.
"""

from __future__ import annotations

from pathlib import Path


FILES = (
    "grantex-events.ndjson",
    "monitors/mistakes.yaml",
    "monitors/revocations.yaml",
    "rehearsals/edges.rehearsal.yaml",
    "rehearsals/edges/anomaly-auto-revoked.ndjson",
    "rehearsals/edges/budget-exhausted.ndjson",
    "rehearsals/edges/cascade-revocations.ndjson",
    "rehearsals/edges/consent-withdrawals.ndjson",
    "rehearsals/edges/delegation-depth.ndjson",
    "rehearsals/edges/heartbeat.ndjson",
    "rehearsals/edges/revocations.ndjson",
    "rehearsals/edges/vault-exchange-burst.ndjson",
    "rehearsals/pack.rehearsal.yaml",
)


def example(name: str) -> bytes:
    """The content of an example.

    Raises:
        FileNotFoundError: The package was built without it.
    """
    here = Path(__file__).parent
    carried = here / "examples" / name
    return (carried if carried.exists() else here.parents[1] / "fixtures" / name).read_bytes()
