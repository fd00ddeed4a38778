"""Messages survive the way through the ledger, and what is not theirs is refused."""

from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from core.jobs.enqueue import NewJob
from core.messages import MESSAGES, Message, ProcessWebhook, ReviewOrder


def example(message: type[Message]) -> Message:
    values: dict[str, Any] = {field.name: uuid4() if field.type is UUID else "words" for field in fields(message)}
    return message(**values)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_read_as_it_was_written(kind: str) -> None:
    message = example(MESSAGES[kind])
    assert MESSAGES[kind].read(orjson.loads(orjson.dumps(message.payload()))) == message


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_kind_is_family_and_deed_and_travels_with_its_family(kind: str) -> None:
    family, deed = kind.split(".")
    assert MESSAGES[kind].queue == family
    assert deed.isidentifier()


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"event_id": str(uuid4())}, id="no version"),
        pytest.param({"v": 2, "event_id": str(uuid4())}, id="another version"),
        pytest.param({"v": 1}, id="a field is missing"),
        pytest.param({"v": 1, "event_id": str(uuid4()), "more": 1}, id="a field too many"),
        pytest.param({"v": 1, "event_id": "x"}, id="no UUID"),
        pytest.param({"v": 1, "event_id": 5}, id="a number for a UUID"),
        pytest.param({"v": 1, "event_id": None}, id="nothing for a UUID"),
    ],
)
def test_a_payload_of_another_shape_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ProcessWebhook.read(payload)


def test_text_stays_text() -> None:
    like_an_id = str(uuid4())
    message = ReviewOrder(order_item_id=uuid4(), reason=like_an_id)
    assert ReviewOrder.read(message.payload()).reason == like_an_id


def test_a_job_says_how_it_runs_by_default() -> None:
    job = NewJob(message=ProcessWebhook(event_id=uuid4()))
    assert (job.priority, job.max_attempts, job.run_at, job.dedupe_key) == (1, 20, None, None)
