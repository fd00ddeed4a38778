"""A server of live rooms for development and tests, spoken to by LiveKit's own SDKs."""
