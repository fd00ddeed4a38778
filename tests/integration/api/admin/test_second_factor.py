"""Operators act in sessions with a second factor only."""

import re
from uuid import uuid4

import httpx
import pytest

from db.models import Course, Gift, Job
from tests.support.accounts import Account, register_account
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem
from tests.support.second_factor import Owner, give_role, turn_on


@pytest.fixture
def operator(api: ApiHarness) -> Account:
    """An operator who is signed in by the password alone."""
    account = register_account(api)
    give_role(account, "admin")
    return account


def admin_operations(api: ApiHarness) -> list[tuple[str, str]]:
    return [
        (method.upper(), re.sub(r"\{[^}]+\}", str(uuid4()), path))
        for path, methods in api.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/admin")
    ]


def test_every_admin_operation_needs_a_second_factor(api: ApiHarness, operator: Account) -> None:
    operations = admin_operations(api)
    assert len(operations) > 30
    http = api.visitor(operator.headers)
    for method, path in operations:
        problem = assert_problem(http.request(method, path), 403, "second_factor_needed")
        assert "/me/totp" in problem["detail"]


def test_an_operator_without_a_second_factor_has_no_rights_over_others(api: ApiHarness, operator: Account) -> None:
    buyer, teacher = api.user(), api.user("teacher")
    order = buyer.place_order(api.course())["id"]
    course = api.add(Course(teacher_id=teacher.id, title="Oils", price_amount=300, currency="SEK"))
    gift = api.add(Gift(course_id=course.id, email="receiver@aula.example", given_by=teacher.id))
    job = api.add(Job(kind="mail.send", profile_id=buyer.id, state="cancelled", finished_at=api.clock()))
    http = api.visitor(operator.headers)
    answers: list[httpx.Response] = [
        http.get(f"/orders/{order}"),
        http.post(f"/orders/{order}/refund", json={"reason": "x"}),
        http.get(f"/jobs/{job.id}"),
        http.get(f"/courses/{course.id}/gifts"),
        http.delete(f"/courses/{course.id}/gifts/{gift.id}"),
    ]
    for answer in answers:
        assert_problem(answer, 404, "not_found")


def test_an_operator_turns_on_a_second_factor_and_goes_on(operator: Account) -> None:
    turn_on(operator)
    assert operator.http.get("/admin/jobs", headers=operator.headers).status_code == 200


def test_an_operator_signs_in_with_a_code(operator: Account) -> None:
    owner = turn_on(operator)
    operator.tokens = owner.log_in(owner.next_code()).json()
    assert operator.http.get("/admin/jobs", headers=operator.headers).status_code == 200
    operator.tokens = operator.refresh().json()
    assert operator.http.get("/admin/jobs", headers=operator.headers).status_code == 200


def test_an_operator_without_the_factor_any_more_is_refused_at_once(operator: Account) -> None:
    owner: Owner = turn_on(operator)
    operator.tokens = operator.refresh().json()
    body = {"password": "correct horse battery", "code": owner.next_code()}
    assert operator.http.request("DELETE", "/me/totp", json=body, headers=operator.headers).status_code == 204
    # The access token still says aal2; the session does not.
    answer = operator.http.get("/admin/jobs", headers=operator.headers)
    assert_problem(answer, 403, "second_factor_needed")
