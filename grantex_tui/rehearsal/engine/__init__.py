"""Monitors over events in virtual time: one pass, or one at every phase."""
