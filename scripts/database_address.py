"""Addresses of databases."""

import re


def plain(database_url: str) -> str:
    """The address as PostgreSQL's own programs know it, without SQLAlchemy's name of a driver."""
    return re.sub(r"^postgresql\+\w+:", "postgresql:", database_url)
