"""Finding logs in recordings: what a search asks of all of them at once."""
