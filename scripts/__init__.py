"""Commands for people: run, seed, and the local services that they need."""
