"""Getting logs to Datadog without losing one."""
