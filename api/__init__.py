"""The HTTP edge: parse, one core call in one transaction, answer."""
