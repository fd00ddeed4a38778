"""The task of a replay: its part, progress and next job are one transaction, and the next job names its cause."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.messages import RunReplay
from tasks import replays
from tests.support.jobs import claim_all, jobs
from tests.support.replays import row, start_replay, store_failed


@pytest.mark.usefixtures("in_process")
def test_a_part_enqueues_the_next_one_as_its_cause(sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 5)
    replay_id = start_replay(sessions, 5, rate=1)
    (batch,) = claim_all(sessions)
    replays.run.run(batch.to_wire())
    first, second = jobs(sessions, RunReplay.kind)
    assert (first.state, second.state, second.cause_id) == ("succeeded", "pending", first.id)
    assert first.result == {"replayed": 1, "progress": "1 of 5"}
    assert row(sessions, replay_id).replayed == 1
