"""Operators look for accounts and give roles."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from core.accounts.roles import LastAdmin, set_role
from core.problems import Problem
from db.models import ProfileRole
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently
from tests.support.jobs import do, value
from tests.support.problems import assert_invalid, assert_problem


def put_role(admin: User, user: User, role: str) -> int:
    answer = admin.http.put(f"/admin/users/{user.id}/role", json={"role": role, "reason": "teaches now"})
    return answer.status_code


@pytest.fixture
def only_admin(api: ApiHarness, admin: User) -> User:
    do(api.sessions, "update app.profiles set role = 'member' where role = 'admin' and id <> :id", id=admin.id)
    return admin


def test_accounts_are_found_by_role_and_address(api: ApiHarness, admin: User) -> None:
    teacher = api.user("teacher")
    found = admin.http.get("/admin/users", params={"role": "teacher", "email": teacher.email[:30]}).json()["items"]
    assert [(one["id"], one["email"]) for one in found] == [(str(teacher.id), teacher.email)]
    assert "password_hash" not in found[0]
    assert admin.http.get(f"/admin/users/{teacher.id}").json()["role"] == "teacher"
    assert_invalid(admin.http.get("/admin/users", params={"role": "owner"}), "role", "'teacher'")


def test_a_role_is_given_with_a_reason_and_old_tokens_change_nothing(api: ApiHarness, admin: User) -> None:
    teacher = api.user("teacher")
    assert put_role(admin, teacher, "member") == 200
    (entry,) = admin.http.get("/admin/audit", params={"subject_id": str(teacher.id)}).json()["items"]
    data = {name: entry["data"][name] for name in ("from", "to", "reason")}
    assert (entry["tag"], entry["actor_id"]) == ("accounts:profile:role_changed", str(admin.id))
    assert data == {"from": "teacher", "to": "member", "reason": "teaches now"}
    assert_problem(teacher.http.post("/feed", json={"body": "News"}), 401, "session_ended")


def test_an_operator_who_lost_the_role_reads_nothing_more(api: ApiHarness, admin: User) -> None:
    other = api.user("admin")
    assert put_role(admin, other, "member") == 200
    assert_problem(other.http.get("/admin/users"), 401, "session_ended")


@pytest.mark.parametrize("role", ["member", "teacher"])
def test_the_last_operator_keeps_the_role(only_admin: User, role: str) -> None:
    answer = only_admin.http.put(f"/admin/users/{only_admin.id}/role", json={"role": role, "reason": "x"})
    assert_problem(answer, 409, "last_admin")
    assert put_role(only_admin, only_admin, "admin") == 200


def test_of_two_operators_who_give_up_the_role_at_once_one_stays(api: ApiHarness, only_admin: User) -> None:
    other = api.user("admin")

    def give_up(user: User) -> str:
        role: ProfileRole = "member"
        try:
            with api.sessions.begin() as session:
                session.execute(text("set local lock_timeout = '10s'"))
                set_role(session, user.id, role, actor_id=user.id, reason="leaves")
        except Problem as problem:
            return problem.code
        return "done"

    assert sorted(run_concurrently(lambda: give_up(other), lambda: give_up(only_admin))) == ["done", LastAdmin.code]
    assert value(api.sessions, "select count(*) from app.profiles where role = 'admin'") == 1


def test_an_unknown_or_erased_account_is_not_found(api: ApiHarness, admin: User) -> None:
    user = api.user()
    do(api.sessions, "update app.profiles set erased_at = now() where id = :id", id=user.id)
    assert put_role(admin, user, "teacher") == 404
    assert_problem(admin.http.get(f"/admin/users/{uuid4()}"), 404, "not_found")


def test_an_unknown_role_is_refused(api: ApiHarness, admin: User) -> None:
    answer = admin.http.put(f"/admin/users/{api.user().id}/role", json={"role": "owner", "reason": "x"})
    assert_invalid(answer, "role", "'member'")
