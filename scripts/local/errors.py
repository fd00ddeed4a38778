"""Errors of local services."""


class LocalServiceError(Exception):
    """A local service cannot be started; the message says what to install or set."""
