"""A message is read from its payload as it was written, and a payload of another shape is refused."""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from core.jobs.enqueue import NewJob
from core.messages import MESSAGES, Message, ProcessWebhook


def example(message: type[Message]) -> Message:
    values: dict[str, Any] = {field.name: uuid4() if field.type is UUID else "text" for field in fields(message)}
    return message(**values)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_read_as_it_was_written(kind: str) -> None:
    message = example(MESSAGES[kind])
    assert MESSAGES[kind].read(orjson.loads(orjson.dumps(message.payload()))) == message


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_kind_is_a_domain_and_an_action_and_its_queue_is_the_domain(kind: str) -> None:
    domain, action = kind.split(".")
    assert MESSAGES[kind].queue == domain
    assert action.isidentifier()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Message):
    kind = "tests.noted"
    queue = "tests"
    text: str


def test_a_text_that_looks_like_an_id_stays_a_text() -> None:
    like_an_id = str(uuid4())
    message = Noted(text=like_an_id)
    assert Noted.read(message.payload()).text == like_an_id


def test_a_new_job_has_defaults_for_how_it_runs() -> None:
    job = NewJob(message=ProcessWebhook(event_id=uuid4()))
    assert (job.priority, job.max_attempts, job.run_at, job.dedupe_key) == (1, 20, None, None)
