"""Text for people, written and read in one place."""
