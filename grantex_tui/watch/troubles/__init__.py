"""What is wrong now, worst first: a module a kind, and `found` for all of them."""
