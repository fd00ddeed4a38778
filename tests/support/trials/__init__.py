"""A kind of job for tests, whose payload says what it does. Only test processes know it."""
