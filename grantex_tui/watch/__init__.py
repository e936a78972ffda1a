"""The live job: stream, journal, tally, monitors and forwarder, wired together."""
