"""Operators look for orders and read their story."""

from uuid import UUID, uuid4

import pytest

from tests.support.api_harness import ApiHarness, User
from tests.support.jobs import do
from tests.support.problems import assert_invalid, assert_problem
from tests.support.webhook_harness import WebhookHarness, dispute_event, make_event, refund_event


def found(admin: User, **params: object) -> list[UUID]:
    answer = admin.http.get("/admin/orders", params={name: str(value) for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    return [UUID(one["id"]) for one in answer.json()["items"]]


def test_orders_are_found_by_state_buyer_email_and_provider_ids(admin: User, webhooks: WebhookHarness) -> None:
    purchase, other = webhooks.place_order(), webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    webhooks.deliver(refund_event(purchase), dispute_event(purchase))
    shown = admin.http.get(f"/admin/orders/{purchase.order_id}").json()
    assert found(admin) == [other.order_id, purchase.order_id]
    assert found(admin, state="pending") == [other.order_id]
    assert found(admin, email=shown["email"][:20].upper()) == [purchase.order_id]
    assert found(admin, profile_id=shown["profile_id"]) == [purchase.order_id]
    hexed = purchase.order_id.hex
    for provider_id in (purchase.session_id, purchase.payment_id, f"re_{hexed}", f"dp_{hexed}"):
        assert found(admin, provider_id=provider_id) == [purchase.order_id]
    assert found(admin, provider_id="pi_unknown") == []


def test_an_address_is_no_pattern(api: ApiHarness, admin: User) -> None:
    user = api.user()
    user.place_order(api.course())
    assert found(admin, email="%%%") == []
    assert len(found(admin, email=user.email)) == 1


@pytest.mark.parametrize(
    ("params", "field"),
    [({"state": "review"}, "state"), ({"provider_id": "x y"}, "provider_id"), ({"a": "b"}, "query")],
)
def test_an_unknown_filter_or_value_is_refused(admin: User, params: dict[str, str], field: str) -> None:
    assert_invalid(admin.http.get("/admin/orders", params=params), field)


def test_the_story_of_an_order_begins_with_its_request(api: ApiHarness, admin: User) -> None:
    buyer = api.user()
    answer = buyer.post_order(api.course(0))
    story = admin.http.get(f"/admin/orders/{answer.json()['id']}/timeline").json()
    assert story["complete"]
    request = answer.headers["x-request-id"]
    placed = [one for one in story["entries"] if one["what"] == "orders:order:placed"]
    assert [one["details"]["request_id"] for one in placed] == [request]
    jobs = [one for one in story["entries"] if one["source"] == "job"]
    assert [(one["details"]["kind"], one["details"]["cause_id"]) for one in jobs] == [("orders.fulfil", request)]


def test_a_story_is_bounded(admin: User, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    many = """
    insert into app.audit_events (tag, subject_id) select 'orders:order:placed', :id from generate_series(1, 1100)
    """
    do(webhooks.sessions, many, id=purchase.order_id)
    story = admin.http.get(f"/admin/orders/{purchase.order_id}/timeline").json()
    assert (len(story["entries"]), story["complete"]) == (1000, False)


def test_an_unknown_order_is_not_found(admin: User) -> None:
    for path in (f"/admin/orders/{uuid4()}", f"/admin/orders/{uuid4()}/timeline"):
        assert_problem(admin.http.get(path), 404, "not_found")
