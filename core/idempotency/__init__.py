"""Answers kept under the caller's Idempotency-Key."""
