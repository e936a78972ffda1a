"""Many settings of one monitor over the same events."""
