"""Two sets of monitors over the same events."""
