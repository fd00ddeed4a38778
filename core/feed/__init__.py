"""The wall: posts of teachers, to everybody or to those enrolled in a course."""
