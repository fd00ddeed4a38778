"""`make run`: everything on this machine, and one purchase played through it."""
