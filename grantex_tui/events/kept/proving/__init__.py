"""Proving what a journal holds: line by line, what fails told, counted and put aside."""
