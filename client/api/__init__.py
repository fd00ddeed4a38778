"""Calls of the API: requests, retries, tokens, problems, event streams."""
