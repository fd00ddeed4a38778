"""POST /orders: what is written, and what is refused without a trace."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.models import Course, Enrollment, OfferState, OrderState
from tests.integration.orders.shop import Shop, at_once


def test_an_order_is_written_with_the_prices_of_the_database(shop: Shop) -> None:
    buyer, course, service = shop.person(), shop.course(49_900), shop.service(80_000, quantity=3)
    answer = buyer.order(course, service)
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
    assert shop.tags(order["id"]) == ["orders:order:placed"]
    assert buyer.http.get(answer.headers["Location"]).json() == order


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_later_price_does_not_change_the_order(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course(49_900)
    order = buyer.ordered(course)
    with shop.sessions.begin() as session:
        session.get_one(Course, UUID(str(course["course_id"]))).price_amount = 1
    assert buyer.http.get(f"/orders/{order['id']}").json()["total_amount"] == 49_900


def test_twenty_items_are_allowed(shop: Shop) -> None:
    service = shop.service(100)
    assert shop.person().ordered(*[service] * 20)["total_amount"] == 2_000


def _refused(shop: Shop, items: list[Any], state: int, code: str) -> dict[str, Any]:
    buyer = shop.person()
    before = shop.counts()
    answer = buyer.http.post("/orders", json={"items": items}, headers={"Idempotency-Key": str(uuid4())})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (state, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.counts() == before
    return problem


@pytest.mark.parametrize("kind", ["course_id", "service_id"])
def test_an_unknown_product_is_named_by_its_index(shop: Shop, kind: str) -> None:
    unknown = str(uuid4())
    problem = _refused(shop, [shop.service(), {kind: unknown}], 422, "product_unavailable")
    assert problem["field"] == f"items.1.{kind}"
    assert unknown in problem["detail"]


@pytest.mark.parametrize("state", ["draft", "archived"])
@pytest.mark.parametrize("kind", ["course", "service"])
def test_what_is_not_published_answers_like_what_is_unknown(shop: Shop, kind: str, state: OfferState) -> None:
    item = shop.course(state=state) if kind == "course" else shop.service(state=state)
    hidden = _refused(shop, [item], 422, "product_unavailable")
    stranger = str(uuid4())
    unknown = _refused(shop, [{f"{kind}_id": stranger}], 422, "product_unavailable")
    assert hidden["detail"].replace(str(item[f"{kind}_id"]), stranger) == unknown["detail"]


def test_a_course_id_is_no_service_id(shop: Shop) -> None:
    _refused(shop, [{"service_id": shop.course()["course_id"]}], 422, "product_unavailable")


def test_currencies_are_not_mixed(shop: Shop) -> None:
    problem = _refused(shop, [shop.course(), shop.service(currency="EUR")], 422, "currency_mixed")
    assert problem["field"] == "items.1"


def test_a_course_twice_is_refused(shop: Shop) -> None:
    course = shop.course()
    problem = _refused(shop, [course, shop.service(), course], 422, "course_twice")
    assert problem["field"] == "items.2.course_id"


def test_a_free_order_is_refused(shop: Shop) -> None:
    _refused(shop, [shop.course(0), shop.service(0, quantity=5)], 422, "order_free")


def test_more_than_a_payment_can_carry_is_refused(shop: Shop) -> None:
    assert shop.person().ordered(shop.service(99_999_999))["total_amount"] == 99_999_999
    _refused(shop, [shop.service(99_999_999), shop.service(1)], 422, "order_too_large")


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
        ([{"seminar_id": str(UUID(int=1))}], "items.0.seminar_id"),
    ],
)
def test_a_malformed_order_is_refused_by_field(shop: Shop, items: list[Any], field: str) -> None:
    assert _refused(shop, items, 422, "input_invalid")["field"] == field


def test_a_price_from_the_client_is_refused(shop: Shop) -> None:
    buyer, before = shop.person(), shop.counts()
    answer = buyer.http.post("/orders", json={"items": [shop.service()], "total_amount": 1})
    assert (answer.status_code, answer.json()["field"]) == (422, "total_amount")
    assert shop.counts() == before


def test_a_course_owned_already_is_refused(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course()
    course_id = UUID(str(course["course_id"]))
    enrollment = shop.add(Enrollment(profile_id=buyer.id, course_id=course_id))
    before = shop.counts()
    answer = buyer.order(shop.service(), course)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_owned")
    assert answer.json()["field"] == "items.1.course_id"
    assert shop.counts() == before
    with shop.sessions.begin() as session:
        row = session.get_one(Enrollment, enrollment.id)
        row.state, row.revoked_at = "revoked", shop.clock()
    assert buyer.order(course).status_code == 201


@pytest.mark.parametrize("state", ["pending", "processing", "paid", "fulfilled"])
def test_an_open_order_for_the_course_is_named(shop: Shop, state: OrderState) -> None:
    buyer, course = shop.person(), shop.course()
    order = buyer.ordered(course)
    shop.set_order(order["id"], state=state)
    before = shop.counts()
    answer = buyer.order(shop.service(), course)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "order_open")
    assert (problem["order_id"], problem["field"]) == (order["id"], "items.1.course_id")
    assert shop.counts() == before
    assert shop.person().order(course).status_code == 201


@pytest.mark.parametrize("state", ["cancelled", "expired", "refunded"])
def test_an_order_that_ended_is_not_in_the_way(shop: Shop, state: OrderState) -> None:
    buyer, course = shop.person(), shop.course()
    shop.set_order(buyer.ordered(course)["id"], state=state)
    assert buyer.order(course).status_code == 201


def test_an_order_past_its_time_is_not_in_the_way_before_it_is_expired(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course()
    shop.set_order(buyer.ordered(course)["id"], expires_at=shop.clock() - timedelta(seconds=1))
    assert buyer.order(course).status_code == 201


def test_a_course_that_was_bought_and_revoked_can_be_bought_again(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course()
    shop.set_order(buyer.ordered(course)["id"], state="fulfilled", fulfilled_at=shop.clock())
    shop.add(
        Enrollment(
            profile_id=buyer.id,
            course_id=UUID(str(course["course_id"])),
            state="revoked",
            revoked_at=shop.clock(),
        )
    )
    assert buyer.order(course).status_code == 201


def test_a_service_can_be_ordered_again_while_an_order_is_open(shop: Shop) -> None:
    buyer, service = shop.person(), shop.service()
    buyer.ordered(service)
    assert buyer.order(service).status_code == 201


def test_orders_for_one_course_at_once_give_one_order(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course()
    before = shop.counts()[0]
    answers = at_once(*[lambda: buyer.order(course)] * 6)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    placed = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert {answer.json()["order_id"] for answer in answers if answer.status_code == 409} == {placed}
    assert shop.counts()[0] == before + 1


def test_nobody_places_no_order(shop: Shop) -> None:
    before = shop.counts()
    answer = shop.visitor().post("/orders", json={"items": [shop.service()]})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert shop.counts() == before


def test_one_key_places_one_order(shop: Shop) -> None:
    buyer, service = shop.person(), shop.service()
    first, again = buyer.order(service, key="mine"), buyer.order(service, key="mine")
    assert (again.status_code, again.json(), again.headers["Location"]) == (
        201,
        first.json(),
        first.headers["Location"],
    )
    other = buyer.order(shop.service(), key="mine")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(buyer.http.get("/me/orders").json()["items"]) == 1
