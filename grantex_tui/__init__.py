"""See, deliver and rehearse Grantex's event stream."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look the version up only when asked: importlib.metadata costs 47 ms at import."""
    if name == "__version__":
        from importlib.metadata import version

        return version("grantex-tui")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
