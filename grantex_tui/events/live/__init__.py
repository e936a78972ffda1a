"""Reading what Grantex sends, live: one path, reconnecting, gaps."""
