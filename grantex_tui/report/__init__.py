"""What rehearsals came to, in each form that people and machines read."""
