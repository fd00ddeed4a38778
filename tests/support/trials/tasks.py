"""The task of the trial jobs."""

import os
import signal
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.outcomes import Cancel, Discard, Done, Outcome, Retry
from tasks.decorators import each_task
from tests.support.trials.messages import Trial


@each_task(Trial)
def run(session: Session, message: Trial) -> Outcome:
    """Do as the payload says."""
    match message.act:
        case "fail":
            raise ValueError(f"trial {message.number} fails\nand says more")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "retry":
            return Retry("not yet", timedelta(milliseconds=10))
        case "discard":
            return Discard("hopeless")
        case "cancel":
            return Cancel("not wanted")
        case "disconnect":
            session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        case "wait":
            session.execute(select(func.pg_advisory_xact_lock_shared(message.number)))
        case _:
            pass
    return Done({"number": message.number})
