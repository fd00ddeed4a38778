"""What a read of the console may cost."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

# Filters that no index serves read the newest rows first. A search that takes longer must be narrowed.
MAX_SECONDS: Final = 5

_LIMIT = text(f"set local statement_timeout = '{MAX_SECONDS}s'")


def limit_time(session: Session) -> None:
    """Each statement of this transaction takes at most MAX_SECONDS."""
    session.execute(_LIMIT)
