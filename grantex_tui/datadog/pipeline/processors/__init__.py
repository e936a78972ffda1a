"""The processors: one module a kind, each with its settings, effects, step, advice and reading."""
