"""The composition root: what ties domains, adapters and settings together."""
