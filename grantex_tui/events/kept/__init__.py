"""Keeping events: the journal, its checkpoint, dead letters."""
