"""`python -m grantex_sim`: the same as `grantex-sim`."""

from __future__ import annotations

import sys

from grantex_sim.commands.main import main


if __name__ == "__main__":
    sys.exit(main())
