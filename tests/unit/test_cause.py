from uuid import uuid4

import pytest
import structlog

from core.cause import cause_id, caused_by_job, caused_by_request, request_id

REQUEST, JOB = uuid4(), uuid4()


def test_the_cause_is_the_job_or_else_the_request() -> None:
    assert cause_id() is None
    with caused_by_request(REQUEST):
        assert (cause_id(), request_id()) == (REQUEST, REQUEST)
        with caused_by_job(JOB):
            assert (cause_id(), request_id()) == (JOB, REQUEST)
        assert cause_id() == REQUEST
    assert (cause_id(), request_id()) == (None, None)


def test_lines_of_the_log_have_the_ids_of_request_and_job() -> None:
    with caused_by_request(REQUEST), caused_by_job(JOB):
        assert structlog.contextvars.get_contextvars() == {"request_id": str(REQUEST), "job": str(JOB)}
    assert structlog.contextvars.get_contextvars() == {}


def test_a_failure_ends_the_cause() -> None:
    with pytest.raises(LookupError), caused_by_job(JOB):
        raise LookupError
    assert cause_id() is None
