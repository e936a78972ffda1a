"""What Datadog defines: sites, logs, search, pipelines, monitors, messages. No I/O."""
