"""A run as it is seen from outside: status, metrics, health, and what a service manager is told."""
