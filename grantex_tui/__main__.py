"""`python -m grantex_tui`."""

from __future__ import annotations

import sys

from grantex_tui.cli.main import main


if __name__ == "__main__":
    sys.exit(main())
