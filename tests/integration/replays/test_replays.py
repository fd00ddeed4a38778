"""A replay of many: each once, at a rate, with progress; paused, resumed, cancelled, and repeated after a crash."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.console.filters import EventFilter, JobFilter
from core.messages import RunReplay, SendMail
from core.outcomes import Done
from core.problems import InputInvalid
from core.replays.advance import advance, on_dead
from core.replays.control import cancel_replay, pause_replay, resume_replay
from core.replays.problems import ReplayEnded, ReplayUnconfirmed
from core.replays.start import NewReplay, preview, start
from core.webhooks.control import replay_events
from db.models import Job, WebhookEvent
from tests.support.concurrency import run_concurrently
from tests.support.jobs import claim_all, do, jobs, states, value
from tests.support.replays import (
    AbortedError,
    ReplayRunner,
    an_operator,
    longest_time,
    row,
    start_replay,
    store_failed,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
REASON = "the table is there again"
EVENTS = "select string_agg(distinct state || ' ' || outcome, ', ') from app.webhook_events"
PROCESSED_TWICE = """
select count(*) from (select subject_id from app.audit_events where tag = 'webhooks:event:replayed'
                      group by subject_id having count(*) > 1) twice
"""


def runner(sessions: sessionmaker[Session], count: int, rate: int) -> ReplayRunner:
    """A replay of new dead events."""
    store_failed(sessions, count)
    replay_id = start_replay(sessions, count, rate)
    return ReplayRunner(sessions, replay_id, row(sessions, replay_id).moved_at)


def test_each_failed_event_is_processed_once_though_a_transaction_is_aborted(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 500, rate=100)
    began = replay.now
    replay.run_part()
    replay.process()
    with pytest.raises(AbortedError):
        replay.run_part(abort=True)
    assert row(sessions, replay.replay_id).replayed == replay.progress[-1]
    replay.run()
    done = row(sessions, replay.replay_id)
    assert (done.state, done.replayed, done.skipped, done.expected) == ("finished", 500, 0, 500)
    assert replay.progress == sorted(set(replay.progress))
    assert replay.now - began <= longest_time(500, 100)
    assert value(sessions, EVENTS) == "processed paid"
    assert value(sessions, PROCESSED_TWICE) == 0
    assert value(sessions, "select count(*) from app.payments") == 500
    assert set(states(sessions, "webhooks.process")) == {"succeeded"}


def test_the_rate_is_never_exceeded(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 60, rate=10)
    replay.run()
    parts = [after - before for before, after in zip([0, *replay.progress], replay.progress, strict=False)]
    assert max(parts) <= 10
    assert len(parts) >= 6


def test_a_part_after_a_long_time_makes_up_for_two_seconds_only(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 100, rate=10)
    replay.now += timedelta(hours=1)
    replay.run_part()
    assert replay.progress == [20]


def test_a_part_that_comes_twice_is_replayed_once(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 20, rate=10)
    message = RunReplay(replay_id=replay.replay_id, step=0)
    replay.run_part()
    with sessions.begin() as session:
        assert advance(session, message, replay.now) == Done({"replayed": 0})
    assert (row(sessions, replay.replay_id).replayed, replay.waiting_parts()) == (10, 1)


def test_a_part_that_runs_twice_at_the_same_time_is_replayed_once(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 20, rate=10)
    now = replay.now + timedelta(seconds=1)

    def run() -> object:
        with sessions.begin() as session:
            return advance(session, RunReplay(replay_id=replay.replay_id, step=0), now)

    assert {str(outcome) for outcome in run_concurrently(run, run)} == {
        str(Done({"replayed": 10, "progress": "10 of 20"})),
        str(Done({"replayed": 0})),
    }
    assert value(sessions, PROCESSED_TWICE) == 0


def test_events_that_are_replayed_twice_at_the_same_time_are_replayed_once(sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 50)
    with sessions() as session:
        ids = session.scalars(select(WebhookEvent.id)).all()

    def replay() -> int:
        with sessions.begin() as session:
            return len(replay_events(session, ids, actor_id=None, reason=REASON))

    assert sorted(run_concurrently(replay, replay)) == [0, 50]
    assert states(sessions, "webhooks.process") == ["pending"] * 50
    assert value(sessions, PROCESSED_TWICE) == 0


def test_a_paused_replay_goes_on_where_it_was(sessions: sessionmaker[Session]) -> None:
    replay, actor = runner(sessions, 30, rate=10), an_operator(sessions)
    replay.run_part()
    with sessions.begin() as session:
        pause_replay(session, replay.replay_id, actor_id=actor, reason="the server is busy")
    replay.run_part()
    assert replay.progress == [10, 10]
    with sessions.begin() as session:
        resume_replay(session, replay.replay_id, replay.now, actor_id=actor, reason="it is not")
    assert replay.waiting_parts() == 1
    replay.run()
    assert row(sessions, replay.replay_id).replayed == 30
    assert value(sessions, PROCESSED_TWICE) == 0


def test_a_cancelled_replay_replays_nothing_more(sessions: sessionmaker[Session]) -> None:
    replay, actor = runner(sessions, 30, rate=10), an_operator(sessions)
    replay.run_part()
    with sessions.begin() as session:
        cancel_replay(session, replay.replay_id, replay.now, actor_id=actor, reason="a mistake")
    replay.run_part()
    assert replay.progress == [10, 10]
    with sessions.begin() as session, pytest.raises(ReplayEnded):
        resume_replay(session, replay.replay_id, replay.now, actor_id=actor, reason="again")


def test_every_action_is_audited_with_who_and_why(sessions: sessionmaker[Session]) -> None:
    replay, actor = runner(sessions, 3, rate=10), an_operator(sessions)
    with sessions.begin() as session:
        pause_replay(session, replay.replay_id, actor_id=actor, reason="busy")
        resume_replay(session, replay.replay_id, replay.now, actor_id=actor, reason="quiet")
    replay.run()
    said = """
    select string_agg(split_part(tag, ':', 3) || ' ' || (data ->> 'reason'), ', ' order by at, id)
    from app.audit_events where subject_id = :id and actor_id = :actor
    """
    audited = value(sessions, said, id=replay.replay_id, actor=actor)
    assert sorted(str(audited).split(", ")) == [
        f"finished {REASON}",
        "paused busy",
        "resumed quiet",
        f"started {REASON}",
    ]
    each = "select count(*) from app.audit_events where tag = 'webhooks:event:replayed' and actor_id = :actor"
    assert value(sessions, each, actor=actor) == 3


def dead_mails(sessions: sessionmaker[Session], count: int) -> list[UUID]:
    made = [Job(id=uuid4(), kind=SendMail.kind, state="dead", finished_at=NOW, payload={}) for _ in range(count)]
    with sessions.begin() as session:
        session.add_all(made)
    return [one.id for one in made]


def test_dead_and_cancelled_jobs_are_replayed_by_filter(sessions: sessionmaker[Session]) -> None:
    ids = dead_mails(sessions, 12)
    do(sessions, "update app.jobs set state = 'cancelled' where id = :id", id=ids[0])
    do(sessions, "insert into app.jobs (kind, state, finished_at) values ('orders.fulfil', 'dead', now())")
    with sessions.begin() as session:
        replay_id = start(
            session, NewReplay(jobs=JobFilter(kind=SendMail.kind), reason=REASON), actor_id=an_operator(sessions)
        ).id
    replay = ReplayRunner(sessions, replay_id, row(sessions, replay_id).moved_at)
    replay.run_part()
    assert set(states(sessions, SendMail.kind)) == {"pending"}
    assert states(sessions, "orders.fulfil") == ["dead"]
    assert row(sessions, replay_id).state == "finished"


def test_a_preview_counts_and_changes_nothing(sessions: sessionmaker[Session]) -> None:
    ids = dead_mails(sessions, 12)
    with sessions.begin() as session:
        shown = preview(session, NewReplay(jobs=JobFilter(), reason=REASON))
        limited = preview(session, NewReplay(jobs=JobFilter(), reason=REASON, limit=3))
    assert (shown.count, list(shown.sample)) == (12, sorted(ids)[:10])
    assert (limited.count, list(limited.sample)) == (3, sorted(ids)[:3])
    assert set(states(sessions)) == {"dead"}


def test_a_limit_replays_the_oldest(sessions: sessionmaker[Session]) -> None:
    ids = sorted(dead_mails(sessions, 5))
    with sessions.begin() as session:
        wanted = NewReplay(jobs=JobFilter(), reason=REASON, limit=2)
        replay_id = start(session, wanted, actor_id=an_operator(sessions)).id
    ReplayRunner(sessions, replay_id, row(sessions, replay_id).moved_at).run_part()
    with sessions() as session:
        pending = select(Job.id).where(Job.kind == SendMail.kind, Job.state == "pending").order_by(Job.id)
        assert list(session.scalars(pending)) == ids[:2]


def test_many_must_be_confirmed_by_their_number(sessions: sessionmaker[Session]) -> None:
    dead_mails(sessions, 101)
    actor = an_operator(sessions)
    with sessions.begin() as session:
        for expected in (None, 100):
            wanted = NewReplay(jobs=JobFilter(), reason=REASON, expected_count=expected)
            with pytest.raises(ReplayUnconfirmed) as refused:
                start(session, wanted, actor_id=actor)
            assert refused.value.extras()["count"] == 101
        assert start(session, NewReplay(jobs=JobFilter(), reason=REASON, expected_count=101), actor_id=actor)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (NewReplay(jobs=JobFilter(state="pending"), reason=REASON), "succeeded"),
        (NewReplay(webhooks=EventFilter(state="received"), reason=REASON), "ignored"),
        (NewReplay(jobs=JobFilter(kind="mail.burn"), reason=REASON), "mail.send"),
        (NewReplay(webhooks=EventFilter(), reason=REASON), "nothing to replay"),
    ],
    ids=["unfinished jobs", "events that wait", "an unknown kind", "nothing"],
)
def test_what_cannot_be_replayed_is_refused(sessions: sessionmaker[Session], wanted: NewReplay, allowed: str) -> None:
    with sessions.begin() as session, pytest.raises(InputInvalid, match=allowed):
        start(session, wanted, actor_id=uuid4())


def test_a_replay_whose_part_is_dead_is_paused_with_the_error(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 3, rate=10)
    do(
        sessions,
        "update app.jobs set state = 'dead', finished_at = now(), last_error = 'a bug' where kind = 'replays.run'",
    )
    (part,) = jobs(sessions, RunReplay.kind)
    with sessions.begin() as session:
        on_dead(session, [part.id])
    stuck = row(sessions, replay.replay_id)
    assert (stuck.state, stuck.last_error) == ("paused", "a bug")


def test_replayed_events_let_others_go_first(sessions: sessionmaker[Session]) -> None:
    replay = runner(sessions, 3, rate=10)
    replay.run_part()
    assert {job.priority for job in jobs(sessions, "webhooks.process")} == {2}
    assert {batch.kind for batch in claim_all(sessions)} == {"webhooks.process", RunReplay.kind}
