"""`make smoke`: a teacher sells, a student buys and learns, an operator replays; each answer is checked."""
