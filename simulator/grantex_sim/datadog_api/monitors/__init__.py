"""Monitors posted to the mock Datadog: kept, searched, evaluated, notified."""
