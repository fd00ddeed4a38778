"""`make run`: starts every process on this machine and makes one purchase."""
