"""POST /orders: what is stored, and what is refused without a trace."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.models import Course, Enrollment, OfferState, OrderState
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently


def test_an_order_gets_the_prices_of_the_database(api: ApiHarness) -> None:
    buyer, course, service = api.user(), api.course(49_900), api.service(80_000, quantity=3)
    answer = buyer.post_order(course, service)
    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/orders/{order['id']}"
    assert (order["state"], order["total_amount"], order["currency"]) == ("pending", 289_900, "SEK")
    assert order["payment_state"] is order["job"] is order["paid_at"] is None
    assert {(item["title"], item["unit_amount"], item["quantity"]) for item in order["items"]} == {
        ("Oils", 49_900, 1),
        ("Critique", 80_000, 3),
    }
    assert {item["entitlement"] for item in order["items"]} == {"none"}
    assert _time(order["expires_at"]) - _time(order["created_at"]) == timedelta(minutes=60)
    assert api.audit_tags(order["id"]) == ["orders:order:placed"]
    unrefunded: dict[str, object] = {"refunds": [], "left_to_refund": 0, "refund_terms": []}
    assert buyer.http.get(answer.headers["Location"]).json() == {**order, **unrefunded}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_later_price_does_not_change_the_order(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course(49_900)
    order = buyer.place_order(course)
    with api.sessions.begin() as session:
        session.get_one(Course, UUID(str(course["course_id"]))).price_amount = 1
    assert buyer.http.get(f"/orders/{order['id']}").json()["total_amount"] == 49_900


def test_twenty_items_are_allowed(api: ApiHarness) -> None:
    service = api.service(100)
    assert api.user().place_order(*[service] * 20)["total_amount"] == 2_000


def _refused(api: ApiHarness, items: list[Any], state: int, code: str) -> dict[str, Any]:
    buyer = api.user()
    before = api.counts()
    answer = buyer.http.post("/orders", json={"items": items}, headers={"Idempotency-Key": str(uuid4())})
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (state, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert api.counts() == before
    return refusal


@pytest.mark.parametrize("kind", ["course_id", "service_id"])
def test_an_unknown_product_is_named_by_its_index(api: ApiHarness, kind: str) -> None:
    unknown = str(uuid4())
    refusal = _refused(api, [api.service(), {kind: unknown}], 422, "product_unavailable")
    assert refusal["field"] == f"items.1.{kind}"
    assert unknown in refusal["detail"]


@pytest.mark.parametrize("state", ["draft", "archived"])
@pytest.mark.parametrize("kind", ["course", "service"])
def test_an_unpublished_product_gets_the_same_response_as_an_unknown_one(
    api: ApiHarness, kind: str, state: OfferState
) -> None:
    item = api.course(state=state) if kind == "course" else api.service(state=state)
    hidden = _refused(api, [item], 422, "product_unavailable")
    stranger = str(uuid4())
    unknown = _refused(api, [{f"{kind}_id": stranger}], 422, "product_unavailable")
    assert hidden["detail"].replace(str(item[f"{kind}_id"]), stranger) == unknown["detail"]


def test_a_course_id_is_refused_as_a_service_id(api: ApiHarness) -> None:
    _refused(api, [{"service_id": api.course()["course_id"]}], 422, "product_unavailable")


def test_an_order_with_two_currencies_is_refused(api: ApiHarness) -> None:
    refusal = _refused(api, [api.course(), api.service(currency="EUR")], 422, "currency_mixed")
    assert refusal["field"] == "items.1"


def test_a_product_twice_is_refused(api: ApiHarness) -> None:
    course = api.course()
    refusal = _refused(api, [course, api.service(), course], 422, "product_twice")
    assert refusal["field"] == "items.2.course_id"


def test_an_order_below_the_smallest_payment_is_refused(api: ApiHarness) -> None:
    refusal = _refused(api, [api.service(299), api.course(0)], 422, "order_too_small")
    assert refusal["field"] == "items"
    assert refusal["detail"].endswith("it must be 0 (free), or from 3.00 to 999,999.99 SEK.")


def test_an_order_above_the_largest_payment_is_refused(api: ApiHarness) -> None:
    assert api.user().place_order(api.service(99_999_999))["total_amount"] == 99_999_999
    _refused(api, [api.service(99_999_999), api.service(1)], 422, "order_too_large")


NOTHING: dict[str, object] = {}


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], "items"),
        ("service", "items"),
        (None, "items"),
        ([{"service_id": str(UUID(int=1))}] * 21, "items"),
        ([NOTHING], "items.0"),
        ([{"quantity": 2}], "items.0"),
        ([{"course_id": str(UUID(int=1)), "service_id": str(UUID(int=1))}], "items.0"),
        ([{"course_id": "first"}], "items.0.course_id"),
        ([{"course_id": str(UUID(int=1)), "quantity": 2}], "items.0.quantity"),
        ([{"service_id": str(UUID(int=1)), "quantity": 0}], "items.0.quantity"),
        ([{"service_id": str(UUID(int=1)), "quantity": 21}], "items.0.quantity"),
        ([{"service_id": str(UUID(int=1)), "quantity": "2"}], "items.0.quantity"),
        ([{"service_id": str(UUID(int=1)), "quantity": 1.5}], "items.0.quantity"),
        ([{"service_id": str(UUID(int=1)), "unit_amount": 1}], "items.0.unit_amount"),
    ],
)
def test_a_malformed_order_is_refused_with_its_field(api: ApiHarness, items: list[Any], field: str) -> None:
    assert _refused(api, items, 422, "input_invalid")["field"] == field


def test_a_price_from_the_client_is_refused(api: ApiHarness) -> None:
    buyer, before = api.user(), api.counts()
    answer = buyer.http.post("/orders", json={"items": [api.service()], "total_amount": 1})
    assert (answer.status_code, answer.json()["field"]) == (422, "total_amount")
    assert api.counts() == before


def test_an_order_for_an_owned_course_is_refused(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course()
    enrollment = api.enroll(buyer.id, course["course_id"])
    before = api.counts()
    answer = buyer.post_order(api.service(), course)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_owned")
    assert answer.json()["field"] == "items.1.course_id"
    assert api.counts() == before
    with api.sessions.begin() as session:
        row = session.get_one(Enrollment, enrollment.id)
        row.state, row.revoked_at = "revoked", api.clock()
    assert buyer.post_order(course).status_code == 201


@pytest.mark.parametrize("state", ["pending", "processing", "paid", "fulfilled"])
def test_an_order_for_a_course_in_an_open_order_is_refused(api: ApiHarness, state: OrderState) -> None:
    buyer, course = api.user(), api.course()
    order = buyer.place_order(course)
    api.set_order(order["id"], state=state)
    before = api.counts()
    answer = buyer.post_order(api.service(), course)
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (409, "order_open")
    assert (refusal["order_id"], refusal["field"]) == (order["id"], "items.1.course_id")
    assert api.counts() == before
    assert api.user().post_order(course).status_code == 201


@pytest.mark.parametrize("state", ["cancelled", "expired", "refunded"])
def test_an_ended_order_does_not_block_a_new_one(api: ApiHarness, state: OrderState) -> None:
    buyer, course = api.user(), api.course()
    api.set_order(buyer.place_order(course)["id"], state=state)
    assert buyer.post_order(course).status_code == 201


def test_an_overdue_pending_order_does_not_block_a_new_one(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course()
    api.set_order(buyer.place_order(course)["id"], expires_at=api.clock() - timedelta(seconds=1))
    assert buyer.post_order(course).status_code == 201


def test_a_revoked_course_can_be_ordered_again(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course()
    order = buyer.place_order(course)
    api.set_order(order["id"], state="fulfilled", fulfilled_at=api.clock())
    api.add(
        Enrollment(
            profile_id=buyer.id,
            course_id=UUID(str(course["course_id"])),
            order_item_id=UUID(order["items"][0]["id"]),
            purchase_number=1,
            state="revoked",
            revoked_at=api.clock(),
        )
    )
    assert buyer.post_order(course).status_code == 201


def test_a_service_can_be_ordered_again_while_an_order_is_open(api: ApiHarness) -> None:
    buyer, service = api.user(), api.service()
    buyer.place_order(service)
    assert buyer.post_order(service).status_code == 201


def test_concurrent_orders_for_one_course_give_one_order(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course()
    before = api.counts()[0]
    answers = run_concurrently(*[lambda: buyer.post_order(course)] * 6)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    placed = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert {answer.json()["order_id"] for answer in answers if answer.status_code == 409} == {placed}
    assert api.counts()[0] == before + 1


def test_a_visitor_cannot_place_an_order(api: ApiHarness) -> None:
    before = api.counts()
    answer = api.visitor().post("/orders", json={"items": [api.service()]})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert api.counts() == before


def test_one_key_places_one_order(api: ApiHarness) -> None:
    buyer, service = api.user(), api.service()
    first, again = buyer.post_order(service, key="mine"), buyer.post_order(service, key="mine")
    assert (again.status_code, again.json(), again.headers["Location"]) == (
        201,
        first.json(),
        first.headers["Location"],
    )
    other = buyer.post_order(api.service(), key="mine")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(buyer.http.get("/me/orders").json()["items"]) == 1
