from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


# A busy machine must not fail a property: no deadlines, no complaints about slow drawing.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# On a build server the same inputs each time: a new counterexample is found at a desk.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
