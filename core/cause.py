"""What caused the work that runs now: a request or a job. New jobs and audit entries keep it.

It is held beside the call, as the id in each line of the log is, so that no function between must pass it on.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

import structlog

_REQUEST: Final[ContextVar[UUID | None]] = ContextVar("request", default=None)
_JOB: Final[ContextVar[UUID | None]] = ContextVar("job", default=None)


def cause_id() -> UUID | None:
    """The job or the request that runs now."""
    return _JOB.get() or _REQUEST.get()


def request_id() -> UUID | None:
    """The request that runs now."""
    return _REQUEST.get()


@contextmanager
def caused_by_request(identifier: UUID) -> Generator[None]:
    """What runs inside is caused by a request; lines of the log have its `request_id`."""
    token = _REQUEST.set(identifier)
    try:
        with structlog.contextvars.bound_contextvars(request_id=str(identifier)):
            yield
    finally:
        _REQUEST.reset(token)


@contextmanager
def caused_by_job(identifier: UUID) -> Generator[None]:
    """What runs inside is caused by a job; lines of the log have its id as `job`."""
    token = _JOB.set(identifier)
    try:
        with structlog.contextvars.bound_contextvars(job=str(identifier)):
            yield
    finally:
        _JOB.reset(token)
