"""GET /orders/{id} and /me/orders: who sees what, and how far it has come."""

from uuid import UUID, uuid4

import pytest

from core.messages import FulfilOrder
from db.models import Enrollment, Job, Order, OrderItem, Payment
from tests.integration.orders.shop import Shop


def test_who_sees_an_order(shop: Shop) -> None:
    owner, service = shop.person(), shop.service()
    path = f"/orders/{owner.ordered(service)['id']}"
    assert owner.http.get(path).status_code == 200
    assert shop.person("admin").http.get(path).status_code == 200
    for stranger in (shop.person(), shop.person("teacher")):
        hidden = stranger.http.get(path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    assert shop.visitor().get(path).status_code == 401


def test_a_strangers_order_answers_like_none_at_all(shop: Shop) -> None:
    order_id, none = shop.person().ordered(shop.service())["id"], str(uuid4())
    stranger = shop.person().http
    hidden, unknown = (stranger.get(f"/orders/{one}").json() for one in (order_id, none))
    assert hidden == {**unknown, "detail": unknown["detail"].replace(none, order_id)}


def test_a_malformed_id_is_named(shop: Shop) -> None:
    answer = shop.person().http.get("/orders/first")
    assert (answer.status_code, answer.json()["field"]) == (422, "order_id")


def test_it_shows_what_the_buyer_has_of_it(shop: Shop) -> None:
    buyer = shop.person()
    order = buyer.ordered(shop.course(), shop.course(), shop.service())
    booked = _item(shop, order["id"], "service_id")
    enrolled = _item(shop, order["id"], "course_id")
    with shop.sessions.begin() as session:
        session.get_one(OrderItem, booked.id).fulfilled_at = shop.clock()
        session.add(Enrollment(profile_id=buyer.id, course_id=enrolled.course_id, order_item_id=enrolled.id))
    assert _entitlements(shop, buyer.http.get(f"/orders/{order['id']}").json()) == {
        booked.id: "booked",
        enrolled.id: "enrolled",
    }
    shop.set_order(order["id"], state="refunded")
    with shop.sessions.begin() as session:
        enrollment = session.query(Enrollment).filter_by(order_item_id=enrolled.id).one()
        enrollment.state, enrollment.revoked_at = "revoked", shop.clock()
    assert _entitlements(shop, buyer.http.get(f"/orders/{order['id']}").json()) == {}


def _item(shop: Shop, order_id: str, kind: str) -> OrderItem:
    with shop.sessions.begin() as session:
        items = session.query(OrderItem).filter_by(order_id=UUID(order_id)).order_by(OrderItem.id)
        return next(item for item in items if getattr(item, kind))


def _entitlements(_: Shop, order: dict[str, list[dict[str, str]]]) -> dict[UUID, str]:
    return {UUID(item["id"]): item["entitlement"] for item in order["items"] if item["entitlement"] != "none"}


def test_another_buyers_enrollment_does_not_count(shop: Shop) -> None:
    buyer, course = shop.person(), shop.course()
    order = buyer.ordered(course)
    shop.add(Enrollment(profile_id=shop.person().id, course_id=UUID(str(course["course_id"]))))
    assert buyer.http.get(f"/orders/{order['id']}").json()["items"][0]["entitlement"] == "none"


def test_it_shows_the_payment_and_a_success_counts_most(shop: Shop) -> None:
    buyer = shop.person()
    order = buyer.ordered(shop.service())
    for state in ("failed", "succeeded", "review"):
        shop.add(
            Payment(
                order_id=UUID(order["id"]),
                provider_payment_id=f"pi_{uuid4().hex}",
                state=state,
                amount=80_000,
                currency="SEK",
                livemode=False,
            )
        )
        shown = buyer.http.get(f"/orders/{order['id']}").json()["payment_state"]
        assert shown == ("failed" if state == "failed" else "succeeded")


def test_it_links_the_job_that_fulfils_it(shop: Shop) -> None:
    buyer = shop.person()
    first, second = buyer.ordered(shop.service()), buyer.ordered(shop.service())
    payload = FulfilOrder(order_id=UUID(first["id"])).payload()
    shop.add(Job(kind="orders.review", payload=payload, profile_id=buyer.id))
    job = shop.add(Job(kind=FulfilOrder.kind, payload=payload, profile_id=buyer.id))
    assert buyer.http.get(f"/orders/{first['id']}").json()["job"] == f"/jobs/{job.id}"
    assert buyer.http.get(f"/orders/{second['id']}").json()["job"] is None


def test_ones_own_orders_come_newest_first_page_by_page(shop: Shop) -> None:
    buyer, service = shop.person(), shop.service()
    placed = [buyer.ordered(service) for _ in range(5)]
    shop.person().ordered(service)
    seen: list[object] = []
    cursor: str | None = None
    for expected in (2, 2, 1):
        page = buyer.http.get("/me/orders", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) == expected
        seen += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == placed[::-1]


def test_a_buyer_without_orders_has_an_empty_page(shop: Shop) -> None:
    assert shop.person().http.get("/me/orders").json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"cursor": "nonsense"}, "cursor")],
)
def test_a_page_that_cannot_be_is_refused(shop: Shop, query: dict[str, str | int], field: str) -> None:
    answer = shop.person().http.get("/me/orders", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_nobody_has_no_list(shop: Shop) -> None:
    assert shop.visitor().get("/me/orders").status_code == 401


def test_every_status_can_be_shown(shop: Shop) -> None:
    buyer = shop.person()
    order = buyer.ordered(shop.service())
    shop.set_order(order["id"], state="review", review_reason="wrong amount")
    shown = buyer.http.get(f"/orders/{order['id']}").json()
    assert shown["state"] == "review"
    assert isinstance(shop.order_row(order["id"]), Order)
    assert "wrong amount" not in str(shown)
