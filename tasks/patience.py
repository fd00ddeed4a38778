"""Try a transaction again while the database is lost."""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from db.connection_errors import is_connection_lost
from tasks import runtime

# Seconds after which a database that was lost is asked again.
ASK_AGAIN: Final = 0.25


def when_database_answers(work: Callable[[Session], None], seconds: float) -> None:
    """Do the work in a transaction; a lost connection is replaced, for `seconds` at most.

    Raises the database's error when it does not answer for so long, and any other error at once. Work whose commit was
    lost is done twice: use it for what is fenced.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with runtime.sessions().begin() as session:
                work(session)
        except Exception as error:
            if not is_connection_lost(error) or time.monotonic() > deadline:
                raise
            time.sleep(ASK_AGAIN)
        else:
            return
