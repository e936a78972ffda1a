"""What was emitted and what became of it: the ledger, its report, and what a test expects."""
