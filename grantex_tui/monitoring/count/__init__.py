"""Counting logs: one set of counters a question, by window and group."""
