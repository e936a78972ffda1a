"""Everything a run can be told, wherever it is said."""

from __future__ import annotations

from grantex_tui.settings.keys import require_key
from grantex_tui.settings.model import Settings
from grantex_tui.settings.sources import Sourced, gather, load_settings, parse_settings_file


__all__ = ["Settings", "Sourced", "gather", "load_settings", "parse_settings_file", "require_key"]
