"""What can go wrong while local services start, each with what to do about it."""


class LocalServiceError(Exception):
    """A local service cannot be had; the message says what to install or set."""
