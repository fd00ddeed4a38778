"""PostgreSQL and Valkey from Python wheels, for machines that have neither."""
