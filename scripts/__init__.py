"""Commands for people: run, seed, and the local services they stand on."""
