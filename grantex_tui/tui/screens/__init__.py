"""What opens over the dashboard: an event in full, and the help."""
