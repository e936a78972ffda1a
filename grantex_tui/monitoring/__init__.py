"""Evaluating monitors over time. Pure: events and instants in, states and notifications out."""
