"""Datadog dashboards: what the API refuses in one."""
