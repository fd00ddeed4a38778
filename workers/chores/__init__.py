"""The relay's housekeeping: one object for each chore, each with an interval of its own."""
