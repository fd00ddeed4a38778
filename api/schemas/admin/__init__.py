"""The bodies of the endpoints of operators."""
