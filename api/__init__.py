"""The HTTP API: parse, call core once in one transaction, answer."""
