"""A local mail server that stores every email for people and tests."""
