"""An order over nothing is paid when it is placed, and fulfilled like any other."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.enrollments.grant import grant
from core.mail.render import render
from core.maintenance.check import violations
from core.messages import FulfilOrder, GrantEnrollment
from core.orders.fulfil import fulfil
from db.models import MailMessage, Profile
from tests.support.addresses import ADDRESSES
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import claim_all, jobs, statements, states

# Written in one transaction: their ids do not tell which came first.
PAID = ["orders:order:placed", "orders:order:paid"]


def _item(api: ApiHarness, kind: str) -> Mapping[str, object]:
    return api.course(0) if kind == "course" else api.service(0, quantity=5)


def _work(sessions: sessionmaker[Session]) -> None:
    """Fulfil the orders, then grant the enrollments."""
    for _ in range(2):
        for batch in claim_all(sessions):
            with statements(sessions) as one:
                if batch.kind == FulfilOrder.kind:
                    fulfil(one, batch)
                elif batch.kind == GrantEnrollment.kind:
                    grant(one, batch)


@pytest.mark.parametrize("kind", ["course", "service"])
def test_a_free_order_is_placed_as_paid_with_the_job_that_fulfils_it(
    sessions: sessionmaker[Session], api: ApiHarness, kind: str
) -> None:
    buyer = api.user()
    answer = buyer.post_order(_item(api, kind))
    order = answer.json()
    assert answer.status_code == 201, answer.text
    assert (order["state"], order["total_amount"], order["payment_state"]) == ("paid", 0, None)
    assert order["paid_at"] == order["created_at"]
    assert sorted(api.audit_tags(order["id"])) == sorted(PAID)
    (job,) = jobs(sessions)
    assert (job.payload, job.profile_id) == (FulfilOrder(order_id=UUID(order["id"])).payload(), buyer.id)
    assert order["job"] == f"/jobs/{job.id}"
    assert buyer.http.get(order["job"]).status_code == 200


@pytest.mark.parametrize(("kind", "entitlement"), [("course", "enrolled"), ("service", "booked")])
def test_a_free_order_is_fulfilled_with_its_receipt(
    sessions: sessionmaker[Session], api: ApiHarness, kind: str, entitlement: str
) -> None:
    buyer = api.user()
    order = buyer.place_order(_item(api, kind))
    _work(sessions)
    shown = buyer.http.get(f"/orders/{order['id']}").json()
    assert (shown["state"], shown["items"][0]["entitlement"]) == ("fulfilled", entitlement)
    assert sorted(api.audit_tags(order["id"])) == sorted([*PAID, "orders:order:fulfilled"])
    assert states(sessions, FulfilOrder.kind) == ["succeeded"]
    with sessions() as session:
        mail = session.scalars(select(MailMessage).where(MailMessage.dedupe_key == f"receipt:{order['id']}")).one()
        receipt = render(session, mail, session.get_one(Profile, mail.profile_id), ADDRESSES)
        assert dict(violations(session, grace_seconds=0)).keys() <= {"job neither due, leased nor waiting"}
    assert receipt.to == buyer.email
    assert "Summa: 0,00\u00a0kr" in receipt.text


def _refused(buyer: User, order_id: str, checkout_code: str) -> None:
    checkout = buyer.checkout(order_id)
    assert (checkout.status_code, checkout.json()["code"]) == (409, checkout_code)
    cancelled = buyer.http.post(f"/orders/{order_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "order_not_cancellable")


def test_a_free_order_has_no_checkout_and_cannot_be_cancelled(
    sessions: sessionmaker[Session], api: ApiHarness, gateway: FakeGateway
) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.course(0))["id"]
    _refused(buyer, order_id, "order_already_paid")
    _work(sessions)
    _refused(buyer, order_id, "order_already_paid")
    assert api.order_row(order_id).state == "fulfilled"
    assert (gateway.opened, gateway.expired) == ({}, [])


def test_an_order_with_free_and_priced_items_waits_for_its_payment(
    sessions: sessionmaker[Session], api: ApiHarness
) -> None:
    order = api.user().place_order(api.course(0), api.service(300))
    assert (order["state"], order["total_amount"], order["paid_at"]) == ("pending", 300, None)
    assert api.audit_tags(order["id"]) == ["orders:order:placed"]
    assert jobs(sessions) == []


def test_concurrent_orders_for_a_free_course_give_one_job(sessions: sessionmaker[Session], api: ApiHarness) -> None:
    buyer, course = api.user(), api.course(0)
    answers = run_concurrently(*[lambda: buyer.post_order(course)] * 5)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 4
    assert len(jobs(sessions)) == 1
    _work(sessions)
    assert buyer.post_order(course).json()["code"] == "course_owned"


def test_a_repeated_key_places_one_free_order(sessions: sessionmaker[Session], api: ApiHarness) -> None:
    buyer, service = api.user(), api.service(0)
    first, again = buyer.post_order(service, key="free"), buyer.post_order(service, key="free")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(jobs(sessions)) == 1
