"""Rehearsal files: what they may say, and every mistake in one."""
