"""Database addresses."""

import re


def without_driver(database_url: str) -> str:
    """The address as libpq expects it, without SQLAlchemy's driver name."""
    return re.sub(r"^postgresql\+\w+:", "postgresql:", database_url)
