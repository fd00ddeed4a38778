"""A changed role counts at once: for tokens that were issued before, and for streams that are open."""

from uuid import UUID

import pytest

from core.accounts.roles import set_role
from core.identity import Role
from db.models import Job
from tests.support.accounts import Account, register_account
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem
from tests.support.second_factor import give_role, turn_on

_COURSE = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}


def change(api: ApiHarness, profile_id: UUID, role: Role) -> None:
    """What another operator does."""
    with api.sessions.begin() as session:
        set_role(session, profile_id, role, actor_id=api.user("admin").id, reason="has another task")


@pytest.fixture
def operator(api: ApiHarness) -> Account:
    """An operator, signed in with a second factor."""
    account = register_account(api)
    give_role(account, "admin")
    turn_on(account)
    account.tokens = account.refresh().json()
    return account


def test_a_former_operators_token_is_refused_and_the_next_has_the_new_role(api: ApiHarness, operator: Account) -> None:
    assert operator.http.get("/admin/jobs", headers=operator.headers).status_code == 200
    change(api, operator.id, "member")
    assert_problem(operator.http.get("/admin/jobs", headers=operator.headers), 401, "session_ended")
    assert_problem(operator.me(), 401, "session_ended")
    operator.tokens = operator.refresh().json()
    assert operator.me().json()["role"] == "member"
    assert_problem(operator.http.get("/admin/jobs", headers=operator.headers), 403, "forbidden")


def test_a_former_teachers_token_creates_nothing(api: ApiHarness) -> None:
    teacher = register_account(api)
    give_role(teacher, "teacher")
    assert teacher.http.post("/courses", json=_COURSE, headers=teacher.headers).status_code == 201
    change(api, teacher.id, "member")
    assert_problem(teacher.http.post("/courses", json=_COURSE, headers=teacher.headers), 401, "session_ended")
    teacher.tokens = teacher.refresh().json()
    assert_problem(teacher.http.post("/courses", json=_COURSE, headers=teacher.headers), 403, "forbidden")


def test_a_new_operator_needs_a_second_factor(api: ApiHarness) -> None:
    account = register_account(api)
    change(api, account.id, "admin")
    account.tokens = account.refresh().json()
    assert_problem(account.http.get("/admin/jobs", headers=account.headers), 403, "second_factor_needed")


def test_a_stream_of_anothers_job_ends_with_the_role(api: ApiHarness, operator: Account) -> None:
    job = api.add(Job(kind="mail.send", profile_id=api.user().id))
    with operator.http.stream("GET", f"/jobs/{job.id}/events", headers=operator.headers) as answer:
        events = (line for line in answer.iter_lines() if line.startswith("event"))
        assert next(events) == "event: job"
        change(api, operator.id, "member")
        # The stream would go on for minutes.
        assert list(events) == []
