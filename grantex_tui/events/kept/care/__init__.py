"""Looking after a journal: what is in it, taking it over, sending it again, giving it out."""
