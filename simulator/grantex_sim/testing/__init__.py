"""The simulator in tests: the pytest plugin, its fixture, processes."""
