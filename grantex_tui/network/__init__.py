"""How any server is reached: which proxy, which certificates, and what a failure means."""
