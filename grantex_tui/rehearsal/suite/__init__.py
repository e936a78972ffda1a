"""Many rehearsals, run in one process or several."""
