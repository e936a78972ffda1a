"""Why a monitor was in its state at an instant."""
