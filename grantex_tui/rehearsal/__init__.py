"""Monitors over recorded or simulated events, in virtual time: a test before they page anyone."""
