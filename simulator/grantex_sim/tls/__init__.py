"""An authority of the simulator's own, the certificates it issues, and what goes wrong with them."""
