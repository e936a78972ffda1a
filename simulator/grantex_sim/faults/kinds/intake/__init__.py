"""What becomes of a request to the intake, and of its answer."""
