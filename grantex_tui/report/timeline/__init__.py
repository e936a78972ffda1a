"""Drawing time: axes, rows, strips, curves."""
