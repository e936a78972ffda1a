"""What a page over the dashboard says: one module a page, pure."""
