"""A worker is killed in the middle of a replay of failed events. The long form replays 10,000."""

import os
import time

from sqlalchemy import text

from tests.chaos.blocking import blocked_child, locked_rows
from tests.chaos.deployment import Deployment
from tests.chaos.timeouts import TIMEOUT
from tests.support.replays import row, start_replay, store_failed
from tests.support.waiting import wait_until

LONG = os.environ.get("AULA_CHAOS") == "long"
EVENTS, RATE = (10_000, 1000) if LONG else (300, 60)
# In a query of its own: rows that an offset skips would be locked too.
_LOCK_MIDDLE = """
select id from app.webhook_events where id = (select id from app.webhook_events order by id offset :middle limit 1)
for update
"""
_LOST = "select count(*) from app.job_attempts where error ~ 'lease ran out|WorkerLost'"
_PROCESSED = "select count(*) from app.webhook_events where state = 'processed' and outcome = 'paid'"
_REPLAYED_ONCE = """
select count(*) from (select subject_id from app.audit_events where tag = 'webhooks:event:replayed'
                      group by subject_id having count(*) = 1) once
"""


def test_a_replay_whose_worker_is_killed_replays_each_event_once(deployment: Deployment) -> None:
    store_failed(deployment.sessions, EVENTS)
    with deployment.sessions.begin() as session:
        session.execute(text("update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'mail.send'"))
    worker = deployment.start_worker()
    deployment.start_relay()
    began = time.monotonic()
    replay_id = start_replay(deployment.sessions, EVENTS, RATE)
    with locked_rows(deployment, _LOCK_MIDDLE, middle=EVENTS // 2) as holder:
        wait_until(lambda: row(deployment.sessions, replay_id).replayed, "the first part is replayed", TIMEOUT)
        blocked_child(deployment, worker, holder).kill()
        wait_until(lambda: deployment.count(_LOST), "the lost attempt is recorded", TIMEOUT)
        halfway = row(deployment.sessions, replay_id)
    assert halfway.state == "running"
    assert 0 < halfway.replayed <= EVENTS // 2
    wait_until(lambda: deployment.count(_PROCESSED) == EVENTS, "each event is processed", 4 * TIMEOUT)
    seconds = time.monotonic() - began
    print(f"{EVENTS} events replayed and processed in {seconds:.1f} s: {EVENTS / seconds:.0f} a second")  # noqa: T201 - the measured rate
    wait_until(lambda: row(deployment.sessions, replay_id).state == "finished", "the replay is finished", TIMEOUT)
    done = row(deployment.sessions, replay_id)
    assert (done.replayed, done.skipped, deployment.count(_REPLAYED_ONCE)) == (EVENTS, 0, EVENTS)
    assert deployment.count("select count(*) from app.payments") == EVENTS
