"""Evaluating monitors: values, states, transitions."""
