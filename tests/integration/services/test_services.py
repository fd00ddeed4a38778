"""Services, from draft to archive."""

from uuid import UUID

import pytest
from sqlalchemy import select

from db.models import AuditEvent
from tests.integration.answers import problem
from tests.integration.orders.shop import Person, Shop

_DRAFT = {"title": "Critique", "duration_minutes": 45, "price_amount": 80_000, "currency": "SEK"}


@pytest.fixture(scope="module")
def teacher(shop: Shop) -> Person:
    return shop.person("teacher")


def test_from_draft_to_sale_and_back(shop: Shop, teacher: Person) -> None:
    made = teacher.http.post("/services", json=_DRAFT)
    path, service = made.headers["location"], made.json()
    assert (service["state"], service["duration_minutes"]) == ("draft", 45)
    problem(shop.visitor().get(path), 404, "not_found")
    assert teacher.http.patch(path, json={"duration_minutes": 60}).json()["duration_minutes"] == 60
    published = teacher.http.post(f"{path}/publish").json()
    assert shop.visitor().get(path).json() == published
    assert shop.visitor().get("/services").json()["items"] == [published]
    assert teacher.http.post(f"{path}/archive").json()["state"] == "archived"
    problem(shop.visitor().get(path), 404, "not_found")
    assert shop.visitor().get("/services").json()["items"] == []
    assert teacher.http.get("/services?mine=true").json()["items"][0]["id"] == service["id"]
    problem(teacher.http.post(f"{path}/archive"), 409, "offer_state")
    with shop.sessions.begin() as session:
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
def test_a_field_outside_what_is_allowed(teacher: Person, field: str, value: object) -> None:
    answer = teacher.http.post("/services", json={**_DRAFT, field: value})
    assert problem(answer, 422, "input_invalid")["field"] == field
