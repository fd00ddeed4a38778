"""A kind of job for tests, whose payload says how it is to go. It exists in test processes alone."""
