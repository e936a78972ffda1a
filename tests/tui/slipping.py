"""`watch` with a dashboard that fails after a few frames."""

from __future__ import annotations

import sys
from collections.abc import Callable

from grantex_tui.cli.main import main
from grantex_tui.tui.app import Dashboard


def slipping(frames: int = 8) -> Callable[[Dashboard], None]:
    """A way to paint that raises after so many frames."""
    left, paint = iter(range(frames)), Dashboard.paint

    def paint_or_slip(app: Dashboard) -> None:
        if next(left, None) is None:
            raise RuntimeError("a widget slipped")
        paint(app)

    return paint_or_slip


if __name__ == "__main__":
    Dashboard.paint = slipping()  # type: ignore[method-assign,assignment]  # that is the test
    sys.exit(main(["watch", *sys.argv[1:]]))
