"""What no rehearsal would notice."""
