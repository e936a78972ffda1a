"""Data: the monitors, pipeline and log metric that a Grantex user starts with."""
