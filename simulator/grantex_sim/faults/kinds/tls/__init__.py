"""What becomes of a TLS handshake."""
