"""The report of a rehearsal, one module a form."""
