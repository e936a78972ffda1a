"""Expectations, and the verdict on each."""
