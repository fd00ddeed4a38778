"""Services, from draft to archived."""

from uuid import UUID

import pytest
from sqlalchemy import select

from db.models import AuditEvent, Service
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem

_DRAFT = {"title": "Critique", "duration_minutes": 45, "price_amount": 80_000, "currency": "SEK"}


@pytest.fixture(scope="module")
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


def test_a_service_goes_from_draft_to_published_to_archived(api: ApiHarness, teacher: User) -> None:
    made = teacher.http.post("/services", json=_DRAFT)
    path, service = made.headers["location"], made.json()
    assert (service["state"], service["duration_minutes"]) == ("draft", 45)
    assert_problem(api.visitor().get(path), 404, "not_found")
    assert teacher.http.patch(path, json={"duration_minutes": 60}).json()["duration_minutes"] == 60
    published = teacher.http.post(f"{path}/publish").json()
    assert api.visitor().get(path).json() == published
    assert api.visitor().get("/services").json()["items"] == [published]
    assert teacher.http.post(f"{path}/archive").json()["state"] == "archived"
    assert_problem(api.visitor().get(path), 404, "not_found")
    assert api.visitor().get("/services").json()["items"] == []
    assert teacher.http.get("/services?mine=true").json()["items"][0]["id"] == service["id"]
    assert_problem(teacher.http.post(f"{path}/archive"), 409, "offer_state")
    with api.sessions.begin() as session:
        wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == UUID(service["id"])).order_by(AuditEvent.id)
        tags = session.scalars(wanted).all()
    assert [tag.rpartition(":")[2] for tag in tags] == ["created", "changed", "published", "archived"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("duration_minutes", 4),
        ("duration_minutes", 1441),
        ("duration_minutes", 5.5),
        ("price_amount", -1),
        ("currency", "JPY"),
        ("summary", "Services have none."),
    ],
)
def test_an_invalid_field_is_refused(teacher: User, field: str, value: object) -> None:
    answer = teacher.http.post("/services", json={**_DRAFT, field: value})
    assert assert_problem(answer, 422, "input_invalid")["field"] == field


def test_a_service_cannot_get_a_price_that_cannot_be_charged(api: ApiHarness, teacher: User) -> None:
    made = teacher.http.post("/services", json={**_DRAFT, "price_amount": 299})
    assert assert_problem(made, 422, "price_not_allowed")["field"] == "price_amount"
    path = teacher.http.post("/services", json={**_DRAFT, "price_amount": 0}).headers["location"]
    assert_problem(teacher.http.patch(path, json={"price_amount": 29, "currency": "GBP"}), 422, "price_not_allowed")
    assert teacher.http.post(f"{path}/publish").status_code == 200
    row = api.add(
        Service(teacher_id=teacher.id, title="Critique", duration_minutes=45, price_amount=49, currency="USD")
    )
    assert_problem(teacher.http.post(f"/services/{row.id}/publish"), 422, "price_not_allowed")
