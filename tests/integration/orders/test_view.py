"""GET /orders/{id} and /me/orders: who sees an order, and what it shows."""

from uuid import UUID, uuid4

import pytest

from core.messages import FulfilOrder
from db.models import Enrollment, Job, OrderItem, Payment, PaymentState, Refund
from tests.support.api_harness import ApiHarness


def test_an_order_is_visible_to_its_buyer_and_to_admins(api: ApiHarness) -> None:
    owner, service = api.user(), api.service()
    path = f"/orders/{owner.place_order(service)['id']}"
    assert owner.http.get(path).status_code == 200
    assert api.user("admin").http.get(path).status_code == 200
    for stranger in (api.user(), api.user("teacher")):
        hidden = stranger.http.get(path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    assert api.visitor().get(path).status_code == 401


def test_an_order_of_another_user_gets_the_same_response_as_an_unknown_one(api: ApiHarness) -> None:
    order_id, none = api.user().place_order(api.service())["id"], str(uuid4())
    stranger = api.user().http
    hidden, unknown = (stranger.get(f"/orders/{one}").json() for one in (order_id, none))
    assert hidden == {**unknown, "detail": unknown["detail"].replace(none, order_id)}


def test_a_malformed_order_id_is_refused(api: ApiHarness) -> None:
    answer = api.user().http.get("/orders/first")
    assert (answer.status_code, answer.json()["field"]) == (422, "order_id")


def test_an_order_shows_the_entitlement_of_each_item(api: ApiHarness) -> None:
    buyer = api.user()
    order = buyer.place_order(api.course(), api.course(), api.service())
    booked = _item(api, order["id"], "service_id")
    enrolled = _item(api, order["id"], "course_id")
    with api.sessions.begin() as session:
        session.get_one(OrderItem, booked.id).fulfilled_at = api.clock()
        session.add(
            Enrollment(profile_id=buyer.id, course_id=enrolled.course_id, order_item_id=enrolled.id, purchase_number=1)
        )
    assert _entitlements(api, buyer.http.get(f"/orders/{order['id']}").json()) == {
        booked.id: "booked",
        enrolled.id: "enrolled",
    }
    api.set_order(order["id"], state="refunded")
    with api.sessions.begin() as session:
        enrollment = session.query(Enrollment).filter_by(order_item_id=enrolled.id).one()
        enrollment.state, enrollment.revoked_at = "revoked", api.clock()
    assert _entitlements(api, buyer.http.get(f"/orders/{order['id']}").json()) == {}


def _item(api: ApiHarness, order_id: str, kind: str) -> OrderItem:
    with api.sessions.begin() as session:
        items = session.query(OrderItem).filter_by(order_id=UUID(order_id)).order_by(OrderItem.id)
        return next(item for item in items if getattr(item, kind))


def _entitlements(_: ApiHarness, order: dict[str, list[dict[str, str]]]) -> dict[UUID, str]:
    return {UUID(item["id"]): item["entitlement"] for item in order["items"] if item["entitlement"] != "none"}


def test_another_buyers_enrollment_does_not_count(api: ApiHarness) -> None:
    buyer, course = api.user(), api.course()
    order = buyer.place_order(course)
    api.enroll(api.user().id, course["course_id"])
    assert buyer.http.get(f"/orders/{order['id']}").json()["items"][0]["entitlement"] == "none"


def test_an_order_shows_its_successful_payment_before_others(api: ApiHarness) -> None:
    buyer = api.user()
    order = buyer.place_order(api.service())
    for state in ("failed", "succeeded", "processing"):
        api.add(
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


def test_an_order_links_the_job_that_fulfils_it(api: ApiHarness) -> None:
    buyer = api.user()
    first, second = buyer.place_order(api.service()), buyer.place_order(api.service())
    payload = FulfilOrder(order_id=UUID(first["id"])).payload()
    api.add(Job(kind="orders.expire", payload=payload, profile_id=buyer.id))
    job = api.add(Job(kind=FulfilOrder.kind, payload=payload, profile_id=buyer.id))
    assert buyer.http.get(f"/orders/{first['id']}").json()["job"] == f"/jobs/{job.id}"
    assert buyer.http.get(f"/orders/{second['id']}").json()["job"] is None


def test_own_orders_are_listed_newest_first_in_pages(api: ApiHarness) -> None:
    buyer, service = api.user(), api.service()
    placed = [buyer.place_order(service) for _ in range(5)]
    api.user().place_order(service)
    seen: list[object] = []
    cursor: str | None = None
    for expected in (2, 2, 1):
        page = buyer.http.get("/me/orders", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) == expected
        seen += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == placed[::-1]


def test_a_buyer_without_orders_has_an_empty_page(api: ApiHarness) -> None:
    assert api.user().http.get("/me/orders").json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"cursor": "nonsense"}, "cursor")],
)
def test_an_invalid_page_request_is_refused(api: ApiHarness, query: dict[str, str | int], field: str) -> None:
    answer = api.user().http.get("/me/orders", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_visitor_has_no_list_of_orders(api: ApiHarness) -> None:
    assert api.visitor().get("/me/orders").status_code == 401


def test_an_order_tells_its_situation_and_what_was_refunded(api: ApiHarness) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.course(49_900))["id"]

    def shown() -> tuple[str, int]:
        order = buyer.http.get(f"/orders/{order_id}").json()
        return order["situation"], order["refunded_amount"]

    def pay(state: PaymentState, amount: int = 49_900) -> None:
        payment = Payment(order_id=UUID(order_id), provider_payment_id=f"pi_{state}_{order_id}", state=state)
        payment.amount, payment.currency, payment.livemode = amount, "SEK", False
        api.add(payment)

    assert shown() == ("payable", 0)
    pay("failed")
    assert shown() == ("failed", 0)
    pay("succeeded")
    api.set_order(order_id, state="fulfilled")
    assert shown() == ("fulfilled", 0)
    api.add(Refund(provider_payment_id=f"pi_succeeded_{order_id}", state="succeeded", amount=10_000, currency="SEK"))
    assert shown() == ("partly_refunded", 10_000)
    assert buyer.http.get("/me/orders").json()["items"][0]["situation"] == "partly_refunded"
