"""An approximation of Datadog's anomaly algorithms for counts; the formulas aren't published."""

from __future__ import annotations

from grantex_tui.monitoring.anomaly.detector import APPROXIMATE, Algorithm, Detector, Seasonality
from grantex_tui.monitoring.anomaly.point import Outside, Point


__all__ = ["APPROXIMATE", "Algorithm", "Detector", "Outside", "Point", "Seasonality"]
