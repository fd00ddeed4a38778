"""Posts of teachers, for everybody or for the members of a course."""
