"""Answers stored under the caller's Idempotency-Key."""
