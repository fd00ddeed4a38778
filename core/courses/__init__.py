"""Courses and their lessons: what teachers make and members learn from."""
