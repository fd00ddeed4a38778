"""Every endpoint, tried by everybody. An endpoint that is missing here fails the first test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from db.models import Course, Job, Lesson, OfferState, Post, Service
from tests.integration.orders.gateways import FakeGateway
from tests.integration.orders.shop import Person, Shop

CALLERS = ("nobody", "member", "teacher", "owner", "admin")
EVERYBODY = (200, 200, 200, 200, 200)
SIGNED_IN = (401, 200, 200, 200, 200)
OWN_OFFER = (401, 403, 404, 200, 404)
OWN_ORDER = (401, 404, 404, 200, 404)
OWN_OR_OPERATOR = (401, 404, 404, 200, 200)
UNSEEN_DRAFT = (404, 404, 404, 200, 404)

_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}
_ACCOUNT = {"email": "new@aula.example", "password": "correct horse battery"}


@dataclass(frozen=True)
class Case:
    """One endpoint: the statuses that CALLERS get, in order, with a valid request."""

    endpoint: str
    statuses: tuple[int, int, int, int, int]
    body: Mapping[str, Any] | None = None
    with_order: bool = False


def created(statuses: tuple[int, ...], status: int) -> tuple[int, int, int, int, int]:
    first, second, third, fourth, fifth = (status if one == 200 else one for one in statuses)
    return first, second, third, fourth, fifth


CASES = (
    Case("POST /auth/register", created(EVERYBODY, 202), {**_ACCOUNT, "display_name": "New"}),
    Case("POST /auth/login", created(EVERYBODY, 401), {**_ACCOUNT, "email": "unknown@aula.example"}),
    Case("POST /auth/refresh", created(EVERYBODY, 401), {"refresh_token": "unknown"}),
    Case("POST /auth/logout", created(EVERYBODY, 204), {"refresh_token": "unknown"}),
    Case("GET /me", SIGNED_IN),
    Case("PATCH /me", SIGNED_IN, {"display_name": "Other"}),
    # Everybody signed in may, with the right password; this one is wrong.
    Case("DELETE /me", created(SIGNED_IN, 403), {"password": "wrong password"}),
    Case("GET /me/courses", SIGNED_IN),
    Case("GET /me/orders", SIGNED_IN),
    Case("GET /courses", EVERYBODY),
    Case("POST /courses", (401, 403, 201, 201, 201), _DRAFT),
    Case("GET /courses/{course_id}", UNSEEN_DRAFT),
    Case("PATCH /courses/{course_id}", OWN_OFFER, {"title": "Other"}),
    Case("POST /courses/{course_id}/publish", OWN_OFFER),
    Case("POST /courses/{course_id}/archive", OWN_OFFER),
    Case("GET /courses/{course_id}/lessons", UNSEEN_DRAFT),
    Case("GET /courses/{course_id}/lessons/{lesson_id}", UNSEEN_DRAFT),
    Case("POST /courses/{course_id}/lessons", created(OWN_OFFER, 201), {"title": "One"}),
    Case("PATCH /courses/{course_id}/lessons/{lesson_id}", OWN_OFFER, {"title": "Two"}),
    Case("DELETE /courses/{course_id}/lessons/{lesson_id}", created(OWN_OFFER, 204)),
    Case("GET /services", EVERYBODY),
    Case("POST /services", (401, 403, 201, 201, 201), {**_DRAFT, "duration_minutes": 60}),
    Case("GET /services/{service_id}", UNSEEN_DRAFT),
    Case("PATCH /services/{service_id}", OWN_OFFER, {"title": "Other"}),
    Case("POST /services/{service_id}/publish", OWN_OFFER),
    Case("POST /services/{service_id}/archive", OWN_OFFER),
    Case("GET /feed", EVERYBODY),
    Case("POST /feed", (401, 403, 201, 201, 201), {"body": "News"}),
    Case("PATCH /feed/{post_id}", OWN_OFFER, {"body": "Old news"}),
    Case("DELETE /feed/{post_id}", created(OWN_OFFER, 204)),
    Case("POST /orders", created(SIGNED_IN, 201), {"items": ["a course"]}),
    Case("GET /orders/{order_id}", OWN_OR_OPERATOR, with_order=True),
    Case("POST /orders/{order_id}/cancel", OWN_ORDER, with_order=True),
    Case(
        "POST /payments/stripe/create-session",
        OWN_ORDER,
        {"order_id": "an order", "ui_mode": "hosted_page"},
        with_order=True,
    ),
    # Nobody's token helps: it is the signature that counts, and there is none.
    Case("POST /webhooks/stripe", created(EVERYBODY, 400), {"id": "evt_1"}),
    Case("GET /jobs/{job_id}", OWN_OR_OPERATOR),
    Case("GET /jobs/{job_id}/events", OWN_OR_OPERATOR),
    Case("GET /healthz", EVERYBODY),
    # No relay runs here.
    Case("GET /readyz", created(EVERYBODY, 503)),
)


def test_every_endpoint_is_in_the_table(shop: Shop) -> None:
    served = {f"{method.upper()} {path}" for path, methods in shop.app.openapi()["paths"].items() for method in methods}
    assert served == {case.endpoint for case in CASES}


@pytest.fixture(scope="module")
def people(shop: Shop) -> dict[str, Person]:
    return {
        "member": shop.person(),
        "teacher": shop.person("teacher"),
        "owner": shop.person("teacher"),
        "admin": shop.person("admin"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.endpoint)
def test_who_may(shop: Shop, people: Mapping[str, Person], case: Case) -> None:
    shop.use_gateway(FakeGateway())
    visitor = shop.visitor()
    method, path = case.endpoint.split(" ")
    got: list[int] = []
    for caller in CALLERS:
        ids = _things(shop, people["owner"], case)
        client = people[caller].http if caller in people else visitor
        answer = client.request(method, path.format(**ids), json=_body(shop, people["owner"], case, ids))
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
        got.append(answer.status_code)
    assert tuple(got) == case.statuses


def _course(shop: Shop, owner: Person, state: OfferState) -> Course:
    return shop.add(Course(teacher_id=owner.id, title="Oils", price_amount=100, currency="SEK", state=state))


def _things(shop: Shop, owner: Person, case: Case) -> dict[str, Any]:
    course = _course(shop, owner, "draft")
    lesson = shop.add(Lesson(course_id=course.id, position=1, title="One", body="Contents"))
    service = shop.add(
        Service(teacher_id=owner.id, title="Critique", duration_minutes=45, price_amount=100, currency="SEK")
    )
    post = shop.add(Post(author_id=owner.id, body="News"))
    job = shop.add(Job(kind="mail.send", profile_id=owner.id, state="cancelled", finished_at=shop.clock()))
    wanted = {"course_id": str(_course(shop, owner, "published").id)}
    return {
        "course_id": course.id,
        "lesson_id": lesson.id,
        "service_id": service.id,
        "post_id": post.id,
        "job_id": job.id,
        "order_id": owner.ordered(wanted)["id"] if case.with_order else UUID(int=0),
    }


def _body(shop: Shop, owner: Person, case: Case, ids: Mapping[str, Any]) -> dict[str, Any] | None:
    if case.body is None:
        return None
    body = dict(case.body)
    if "items" in body:
        body["items"] = [{"course_id": str(_course(shop, owner, "published").id)}]
    if "order_id" in body:
        body["order_id"] = str(ids["order_id"])
    return body
