"""Accounts whose address is not proven are deleted after a week, unless they own something."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from core.accounts.invite import invite
from core.accounts.one_time_tokens import LIVES
from core.maintenance.prune import prune_rows
from core.retention import Retention
from db.models import AuditEvent, Gift, MailMessage, OneTimeToken, Profile
from db.queries import source
from tests.support.accounts import PASSWORD, link_token, register_account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently

# Foreign keys to accounts whose rows neither go with the account nor forget it.
OWNED = """
select r.relname || '.' || a.attname
from pg_constraint c
join pg_class r on r.oid = c.conrelid
join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
where c.contype = 'f' and c.confrelid = 'app.profiles'::regclass and c.confdeltype = 'a'
"""

UNPROVEN_KEPT = timedelta(days=Retention().unproven_retention_days)


@pytest.fixture
def email(api: ApiHarness) -> str:
    """The address of an account that is not proven, and whose email was sent."""
    email = f"{uuid4().hex}@aula.example"
    body = {"email": email, "password": PASSWORD, "display_name": "New"}
    assert api.visitor().post("/auth/register", json=body).status_code == 202
    with api.sessions.begin() as session:
        for mail in session.scalars(select(MailMessage).where(MailMessage.profile_id == account_id(api, email))):
            mail.state, mail.sent_at = "sent", api.clock()
    return email


def account_id(api: ApiHarness, email: str) -> UUID | None:
    with api.sessions.begin() as session:
        return session.scalar(select(Profile.id).where(Profile.email == email))


def prune_at(api: ApiHarness, after: timedelta) -> int:
    with api.sessions.begin() as session:
        return prune_rows(session, "unproven_accounts", api.clock() + after, Retention())


def test_an_account_goes_a_week_after_its_registration_with_the_emails_to_it(api: ApiHarness, email: str) -> None:
    profile_id = account_id(api, email)
    prune_at(api, UNPROVEN_KEPT - timedelta(minutes=1))
    assert account_id(api, email) == profile_id
    prune_at(api, UNPROVEN_KEPT)
    assert account_id(api, email) is None
    with api.sessions.begin() as session:
        for table in (MailMessage, OneTimeToken):
            assert session.scalars(select(table.id).where(table.profile_id == profile_id)).all() == []
        tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == profile_id)).all()
    assert "accounts:profile:pruned" in tags


def test_a_pruned_address_can_be_registered_again(api: ApiHarness, email: str) -> None:
    prune_at(api, UNPROVEN_KEPT)
    body = {"email": email, "password": PASSWORD, "display_name": "New"}
    assert api.visitor().post("/auth/register", json=body).status_code == 202
    token = link_token(api, email, "prove_email")
    answer = api.visitor().post("/auth/verify", json={"token": token, "password": PASSWORD})
    assert answer.status_code == 204, answer.text


def test_a_proven_account_stays(api: ApiHarness) -> None:
    account = register_account(api)
    prune_at(api, timedelta(days=400))
    assert account_id(api, account.email) == account.id


def test_an_account_stays_while_its_link_is_valid(api: ApiHarness, email: str) -> None:
    api.clock.ahead += UNPROVEN_KEPT - timedelta(hours=1)
    try:
        assert api.visitor().post("/auth/verify/resend", json={"email": email}).status_code == 202
    finally:
        api.clock.ahead -= UNPROVEN_KEPT - timedelta(hours=1)
    with api.sessions.begin() as session:
        for mail in session.scalars(select(MailMessage).where(MailMessage.state == "queued")):
            mail.state, mail.sent_at = "sent", api.clock()
    prune_at(api, UNPROVEN_KEPT)
    assert account_id(api, email) is not None
    prune_at(api, UNPROVEN_KEPT + LIVES["prove_email"])
    assert account_id(api, email) is None


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_an_account_stays_while_an_email_to_it_is_unsent(api: ApiHarness, email: str, state: str) -> None:
    with api.sessions.begin() as session:
        mails = (MailMessage.profile_id == account_id(api, email)) & (MailMessage.template == "prove_email")
        mail = session.scalars(select(MailMessage).where(mails)).one()
        mail.state, mail.sent_at = ("queued" if state == "queued" else "sending"), None
    prune_at(api, UNPROVEN_KEPT)
    assert account_id(api, email) is not None


def test_an_account_that_was_given_a_course_stays(api: ApiHarness, email: str) -> None:
    profile_id = account_id(api, email)
    assert profile_id
    api.enroll(profile_id, api.course()["course_id"])
    prune_at(api, timedelta(days=400))
    assert account_id(api, email) == profile_id


def test_a_gift_that_waits_for_the_address_outlives_the_account(api: ApiHarness, email: str) -> None:
    teacher = api.user("teacher")
    course = api.course()["course_id"]
    gift = api.add(Gift(course_id=UUID(str(course)), email=email, given_by=teacher.id))
    prune_at(api, UNPROVEN_KEPT)
    assert account_id(api, email) is None
    with api.sessions.begin() as session:
        assert session.get_one(Gift, gift.id).email == email


def test_an_invited_account_stays(api: ApiHarness) -> None:
    email = f"{uuid4().hex}@aula.example"
    with api.sessions.begin() as session:
        operator = api.user("admin").id
        invite(session, email, "New", "teacher", actor_id=operator, reason="hired", now=api.clock())
    prune_at(api, timedelta(days=30))
    assert account_id(api, email) is not None


def test_a_proof_and_a_pruning_at_once_leave_the_account_or_refuse_the_link(api: ApiHarness, email: str) -> None:
    body = {"token": link_token(api, email, "prove_email"), "password": PASSWORD}
    with api.sessions.begin() as session:
        session.execute(
            text("update app.profiles set created_at = created_at - interval '8 days' where email = :email"),
            {"email": email},
        )

    def prove() -> int:
        return api.visitor().post("/auth/verify", json=body).status_code

    def prune_after_the_link() -> int:
        return prune_at(api, LIVES["prove_email"])

    status, _ = run_concurrently(prove, prune_after_the_link)
    assert (status, account_id(api, email) is None) in {(204, False), (403, True)}


def test_everything_that_an_account_can_own_is_looked_at(api: ApiHarness) -> None:
    statement = source("accounts/prune_unproven")
    with api.sessions.begin() as session:
        owned = set(session.scalars(text(OWNED)))
    assert {"enrollments.profile_id", "gifts.given_by", "mail_messages.profile_id"} <= owned
    missing = [one for one in owned if not all(part in statement for part in one.split("."))]
    assert missing == []
