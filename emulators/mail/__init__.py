"""A local mail server that keeps every letter for people and tests to read."""
