"""Recordings read back: files and pipes, whatever wrote them."""
