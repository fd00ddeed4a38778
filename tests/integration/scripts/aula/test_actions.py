"""Actions: each needs a reason, is audited with its operator, and says when it changed nothing or was refused."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.accounts.passwords import matches
from db.models import LoginSession, MailMessage, Profile, TotpFactor
from scripts.aula.exits import Exit
from tests.support.command_line import CommandLine
from tests.support.jobs import do, jobs, value
from tests.support.replays import ReplayRunner, an_operator, row, start_replay, store_failed
from tests.support.webhook_harness import WebhookHarness, make_event

REASON = ("--reason", "the table is there again")
LAST = "select tag || ' ' || (data->>'reason') from app.audit_events where actor_id = :actor order by id desc limit 1"


def audited(sessions: sessionmaker[Session]) -> object:
    """The last action of the operator."""
    return value(sessions, LAST, actor=an_operator(sessions))


def an_account(sessions: sessionmaker[Session], email: str = "anna@aula.example", role: str = "member") -> None:
    do(sessions, "delete from app.profiles where email = :email", email=email)
    with sessions.begin() as session:
        session.add(Profile(email=email, password_hash="-", display_name="Anna", role=role))


def test_a_dead_job_is_replayed_hastened_and_cancelled(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 1)
    job_id = jobs(sessions)[0].id
    assert aula.done("jobs", "replay", job_id, *REASON, "--json").document["state"] == "pending"
    assert audited(sessions) == "jobs:job:replayed the table is there again"
    do(sessions, "update app.jobs set run_at = now() + interval '1 hour'")
    aula.done("jobs", "run-now", job_id, *REASON)
    assert audited(sessions) == "jobs:job:run_now the table is there again"
    assert aula.done("jobs", "cancel", job_id, *REASON, "--json").document["state"] == "cancelled"
    assert audited(sessions) == "jobs:job:cancelled the table is there again"
    again = aula("jobs", "cancel", job_id, *REASON)
    assert again.code == Exit.NOTHING
    assert again.err.startswith("nothing was changed: the job is cancelled")


def test_an_event_is_replayed_and_ignored(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 1)
    event_id = value(sessions, "select id from app.webhook_events")
    assert aula.done("webhooks", "replay", event_id, *REASON, "--json").document["state"] == "received"
    assert aula("webhooks", "replay", event_id, *REASON).code == Exit.NOTHING
    assert aula.done("webhooks", "ignore", event_id, *REASON, "--json").document["outcome"] == "by an operator"
    assert audited(sessions) == "webhooks:event:ignored the table is there again"


def test_an_event_is_fetched_anew_once(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 1)
    event_id = value(sessions, "select id from app.webhook_events")
    aula.done("webhooks", "replay", event_id, "--source", "provider", *REASON)
    assert len(jobs(sessions, "webhooks.fetch")) == 1
    refused = aula("webhooks", "replay", event_id, "--source", "provider", *REASON)
    assert (refused.code, refused.err.split()[0]) == (Exit.REFUSED, "error:")


def test_a_finding_is_dismissed_once(aula: CommandLine, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase), make_event(purchase, payment_intent="pi_second"))
    (finding,) = aula.done("findings", "list", "--state", "open", "--json").lines
    closed = aula.done("findings", "dismiss", finding["id"], *REASON, "--json").document
    assert (closed["resolution"], closed["close_reason"]) == ("dismissed", REASON[1])
    refused = aula("findings", "dismiss", finding["id"], *REASON)
    assert refused.code == Exit.REFUSED
    assert "was dismissed at" in refused.err


def test_money_is_given_back_only_after_a_yes(aula: CommandLine, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase), make_event(purchase, payment_intent="pi_second"))
    (finding,) = aula.done("findings", "list", "--json").lines
    refused = aula("findings", "refund", finding["id"], *REASON)
    assert (refused.code, refused.out) == (Exit.REFUSED, "")
    assert "Give --yes" in refused.err


def test_queues_and_kinds_are_paused_limited_and_resumed(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    assert aula("queues", "pause", "mail", *REASON).code == Exit.REFUSED
    assert aula.done("queues", "pause", "mail", *REASON, "--yes", "--json").document["paused"] is True
    assert audited(sessions) == "jobs:kind:paused the table is there again"
    assert aula.done("queues", "resume", "mail", *REASON, "--json").document["paused"] is False
    limits = ("--max-running", 5, "--max-per-key", 0)
    limited = aula.done("kinds", "limit", "mail.send", *limits, *REASON, "--json").document
    assert (limited["max_running"], limited["max_per_key"]) == (5, None)
    assert aula.done("kinds", "pause", "mail.send", *REASON, "--json").document["pause_reason"] == REASON[1]
    assert aula.done("kinds", "resume", "mail.send", *REASON, "--json").document["paused_at"] is None
    assert "there are" in aula("kinds", "pause", "nothing", *REASON).err
    assert aula("queues", "pause", "nothing", *REASON, "--yes").code == Exit.NOTHING


def test_a_schedule_is_paused_resumed_and_run(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    assert aula.done("schedules", "pause", "orders-expire", *REASON, "--json").document["paused_at"]
    refused = aula("schedules", "run-now", "orders-expire", *REASON)
    assert (refused.code, refused.err) == (Exit.REFUSED, "error: Resume 'orders-expire' first.\n")
    aula.done("schedules", "resume", "orders-expire", *REASON)
    aula.done("schedules", "run-now", "orders-expire", *REASON)
    assert audited(sessions) == "jobs:schedule:run_now the table is there again"
    assert value(sessions, "select next_due_at <= now() from app.schedules where name = 'orders-expire'") is True


def test_a_replay_is_looked_at_started_watched_and_finished(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 3)
    start = ("replays", "start", "webhooks", "--since", "1h", *REASON)
    dry = aula.done(*start, "--dry-run", "--json").document
    assert (dry["count"], len(dry["sample"])) == (3, 3)
    assert value(sessions, "select count(*) from app.replays where state = 'running'") == 0
    replay = aula.done(*start, "--limit", 2, "--rate", 10, "--json").document
    assert (replay["expected"], replay["rate"], replay["target"]) == (2, 10, "webhooks")
    runner = ReplayRunner(sessions, UUID(replay["id"]), row(sessions, UUID(replay["id"])).created_at)
    runner.run()
    watched = aula.done("replays", "watch", replay["id"])
    assert watched.out == "finished: 2 replayed, 0 skipped of 2\n"
    assert aula("replays", "cancel", replay["id"], *REASON).code == Exit.REFUSED


def test_a_large_replay_asks_first(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 101)
    start = ("replays", "start", "jobs", "--kind", "webhooks.process", *REASON)
    refused = aula(*start)
    assert (refused.code, refused.out) == (Exit.REFUSED, "")
    assert refused.err == "error: This replays 101 jobs. Give --yes to do it\n"
    assert aula.done(*start, "--yes", "--json").document["expected"] == 101


def test_a_replay_is_paused_resumed_and_cancelled(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    store_failed(sessions, 1)
    replay_id = start_replay(sessions, 1, 1)
    assert aula.done("replays", "pause", replay_id, *REASON, "--json").document["state"] == "paused"
    watched = aula("replays", "watch", replay_id, "--json")
    assert (watched.code, watched.err) == (Exit.NOTHING, "the replay is paused\n")
    assert aula.done("replays", "resume", replay_id, *REASON, "--json").document["state"] == "running"
    assert aula.done("replays", "cancel", replay_id, *REASON, "--json").document["state"] == "cancelled"


def test_nothing_to_replay_is_said(aula: CommandLine) -> None:
    answer = aula("replays", "start", "webhooks", "--type", "nothing.happened", *REASON)
    assert (answer.code, answer.err) == (Exit.NOTHING, "nothing matches; there is nothing to replay\n")


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\x07b"])
def test_a_reason_is_needed(reason: str, aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    refused = aula("queues", "pause", "mail", "--reason", reason, "--yes")
    assert (refused.code, refused.err.split()[1]) == (Exit.USAGE, "--reason:")
    assert value(sessions, "select count(*) from app.job_kinds where paused_at is not null") == 0
    assert "Missing option '--reason'" in aula("queues", "pause", "mail").err


def test_the_operator_is_named_when_there_are_two(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    an_account(sessions, "second@aula.example", "admin")
    pause = ("kinds", "pause", "mail.send", *REASON)
    unnamed = aula(*pause)
    assert (unnamed.code, unnamed.out) == (Exit.REFUSED, "")
    assert "--as or AULA_OPERATOR" in unnamed.err
    assert aula(*pause, "--as", "nobody").code == Exit.USAGE
    stranger = aula(*pause, "--as", "stranger@aula.example")
    assert (stranger.code, stranger.err.split()[1]) == (Exit.REFUSED, "--as:")
    aula.done(*pause, "--as", "Operator@aula.example")
    assert audited(sessions) == "jobs:kind:paused the table is there again"
    named = CommandLine({**aula.env, "AULA_OPERATOR": "second@aula.example"})
    named.done("kinds", "resume", "mail.send", *REASON)
    last = "select email from app.profiles join app.audit_events a on actor_id = profiles.id order by a.id desc limit 1"
    assert value(sessions, last) == "second@aula.example"


def test_the_first_operator_is_made_without_another(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.profiles set role = 'member'")
    do(sessions, "delete from app.profiles where email = 'first@aula.example'")
    assert "create-admin" in aula("kinds", "pause", "mail.send", *REASON).err
    create = ("users", "create-admin", "First@aula.example", *REASON)
    assert "--password-stdin" in aula(*create).err
    weak = aula(*create, "--password-stdin", given="password\n")
    assert (weak.code, weak.err.split()[1]) == (Exit.USAGE, "password:")
    made = aula.done(*create, "--password-stdin", "--name", "Ada", "--json", given="correct horse battery\n").document
    assert (made["email"], made["role"], made["display_name"]) == ("first@aula.example", "admin", "Ada")
    second = aula("users", "create-admin", "other@aula.example", *REASON, "--as", "other@aula.example")
    assert second.code == Exit.REFUSED


def test_a_new_account_has_the_given_password(
    aula: CommandLine, sessions: sessionmaker[Session], capfd: pytest.CaptureFixture[str]
) -> None:
    do(sessions, "delete from app.profiles where email = 'anna@aula.example'")
    made = aula.done(
        "users", "create-teacher", "anna@aula.example", *REASON, "--password-stdin", given="correct horse battery\n"
    )
    assert "correct horse" not in made.out + made.err + "".join(capfd.readouterr())
    stored = value(sessions, "select password_hash from app.profiles where email = 'anna@aula.example'")
    assert matches(str(stored), "correct horse battery")
    assert audited(sessions) == "accounts:profile:role_changed the table is there again"


def test_a_role_is_set_by_address_or_id(aula: CommandLine, sessions: sessionmaker[Session]) -> None:
    an_account(sessions)
    made = aula.done("users", "create-teacher", "anna@aula.example", *REASON, "--json").document
    assert made["role"] == "teacher"
    assert aula.done("users", "set-role", made["id"], "member", *REASON, "--json").document["role"] == "member"
    last = aula("users", "set-role", "operator@aula.example", "member", *REASON)
    assert (last.code, last.err) == (Exit.REFUSED, "error: Make another account an operator first.\n")
    assert aula("users", "show", "stranger@aula.example").code == Exit.NOTHING


def test_a_lost_second_factor_is_reset_and_the_owner_is_told(
    aula: CommandLine, sessions: sessionmaker[Session]
) -> None:
    now = datetime.now(UTC)
    anna = f"{uuid4().hex}@aula.example"
    with sessions.begin() as session:
        account = Profile(email=anna, password_hash="-", display_name="Anna", email_proven_at=now)
        session.add(account)
        session.flush()
        anna_id = account.id
    missing = aula("users", "reset-totp", anna, *REASON)
    assert (missing.code, missing.err) == (Exit.REFUSED, "error: The account has no second factor.\n")
    with sessions.begin() as session:
        session.add(TotpFactor(profile_id=anna_id, secret=b"x", started_at=now, confirmed_at=now, last_step=1))
        session.add(LoginSession(profile_id=anna_id, created_at=now, used_at=now, expires_at=now + timedelta(1)))
    assert aula("users", "reset-totp", anna, "--reason", " ").code == Exit.USAGE
    assert aula.done("users", "reset-totp", anna, *REASON, "--json").document["email"] == anna
    assert audited(sessions) == "accounts:profile:second_factor_reset the table is there again"
    with sessions.begin() as session:
        assert session.get(TotpFactor, anna_id) is None
        assert session.scalars(select(LoginSession.ended_at).where(LoginSession.profile_id == anna_id)).one()
        mails = select(MailMessage.template).where(MailMessage.profile_id == anna_id)
        assert session.scalars(mails).all() == ["second_factor_reset"]


def test_the_audit_log_is_verified_and_exported(aula: CommandLine, webhooks: WebhookHarness) -> None:
    webhooks.deliver(make_event(webhooks.place_order()))
    webhooks.run_jobs()
    assert aula.done("audit", "verify", "--json").document["fault"] is None
    exported = aula.done("audit", "export", "--since", "1h").lines
    assert len(exported) > 1
    rest = aula.done("audit", "export", "--after", exported[0]["id"]).lines
    assert rest == exported[1:]
    assert aula("audit", "export", "--until", "1h").code == Exit.NOTHING
