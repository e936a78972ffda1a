"""Mutated requests over all of the simulator's routes: each gets an answer, and none a traceback."""
