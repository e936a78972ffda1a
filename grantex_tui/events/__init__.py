"""What Grantex sends: decoding it, reading it live, keeping it."""
