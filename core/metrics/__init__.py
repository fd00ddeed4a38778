"""The numbers that Prometheus reads, as far as they are in the database."""
