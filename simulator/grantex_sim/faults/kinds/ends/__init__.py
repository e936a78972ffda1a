"""The ways in which a stream comes to its end before its time; each word is one of `End`."""
