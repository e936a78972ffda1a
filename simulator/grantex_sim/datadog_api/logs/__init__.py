"""What the intake accepted, searched and aggregated as Datadog's Logs API does."""
