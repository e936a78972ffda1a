"""The dashboard over a source that fails unexpectedly, with a secret among its local variables."""

from __future__ import annotations

import sys
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parent))
from lively import LivelySource  # type: ignore[import-not-found]  # beside this script

from grantex_tui.tui.run import run_dashboard


class CrashingSource(LivelySource):  # type: ignore[misc]  # see above
    async def run(self) -> None:
        secret = "sesame" * 3
        raise RuntimeError(f"the source broke, {len(secret)} characters in hand")


if __name__ == "__main__":
    sys.exit(run_dashboard(CrashingSource(5.0)))
