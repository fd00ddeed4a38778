"""The contract of every RefundGateway: Stripe's SDK against the emulator, and the fake that other tests use."""

from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.ports.refunds import RefundGateway, RefundRequest
from tests.contract.checkouts import control, paid_charge, paid_intent
from tests.contract.conftest import StripeEmulator
from tests.support.fake_gateway import FakeGateway

PAID = 228_000


@dataclass(frozen=True, slots=True)
class Refunding:
    """A gateway, and a payment of PAID minor units that it can give back."""

    gateway: RefundGateway
    payment_id: str

    def request(self, amount: int = PAID) -> RefundRequest:
        refund_id = str(uuid4())
        return RefundRequest(self.payment_id, amount, refund_id, str(uuid4()), f"refund-{refund_id}")


@pytest.fixture(params=["stripe", "fake"])
def refunding(request: pytest.FixtureRequest, emulator: StripeEmulator) -> Refunding:
    if request.param == "fake":
        return Refunding(FakeGateway(), f"pi_{uuid4().hex}")
    return Refunding(emulator.gateway, paid_intent(emulator))


def test_a_refund_has_an_id_a_status_and_its_amount(refunding: Refunding) -> None:
    created = refunding.gateway.create_refund(refunding.request(100))
    assert created.id.startswith("re_")
    assert (created.status, created.amount) == ("succeeded", 100)


def test_the_same_idempotency_key_returns_the_same_refund(refunding: Refunding) -> None:
    request = refunding.request(100)
    assert refunding.gateway.create_refund(request) == refunding.gateway.create_refund(request)


def test_a_refund_is_found_by_its_payment_and_our_id(refunding: Refunding) -> None:
    first, second = refunding.request(100), refunding.request(200)
    created = [refunding.gateway.create_refund(one) for one in (first, second)]
    found = [refunding.gateway.find_refund(refunding.payment_id, one.refund_id) for one in (first, second)]
    assert found == created


def test_a_refund_that_was_not_created_is_not_found(refunding: Refunding) -> None:
    refunding.gateway.create_refund(refunding.request(100))
    assert refunding.gateway.find_refund(refunding.payment_id, str(uuid4())) is None


def test_a_refund_is_found_behind_the_first_page(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    first = one.request(100)
    created = one.gateway.create_refund(first)
    for _ in range(100):
        emulator.sdk.v1.refunds.create({"payment_intent": one.payment_id, "amount": 1})
    assert one.gateway.find_refund(one.payment_id, first.refund_id) == created


def test_the_provider_keeps_our_ids(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    request = one.request()
    created = emulator.http.get(f"/v1/refunds/{one.gateway.create_refund(request).id}").json()
    assert created["metadata"] == {"refund_id": request.refund_id, "order_id": request.order_id}
    assert (created["payment_intent"], created["amount"]) == (one.payment_id, PAID)


def test_a_lost_response_creates_no_second_refund(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    request = one.request(100)
    control(emulator, "faults", lost_answers=3)
    with pytest.raises(GatewayUnavailable):
        one.gateway.create_refund(request)
    created = one.gateway.create_refund(request)
    listed = emulator.http.get("/v1/refunds", params={"payment_intent": one.payment_id}).json()["data"]
    assert [refund["id"] for refund in listed] == [created.id]


def test_more_than_is_left_is_rejected_with_the_reason(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    one.gateway.create_refund(one.request(PAID - 100))
    with pytest.raises(GatewayRejected, match="greater than unrefunded amount"):
        one.gateway.create_refund(one.request(101))


def test_a_payment_that_is_refunded_is_rejected(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    one.gateway.create_refund(one.request())
    with pytest.raises(GatewayRejected, match="already been refunded"):
        one.gateway.create_refund(one.request(1))


def test_a_disputed_payment_is_rejected(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    control(emulator, f"charges/{charge.id}/dispute")
    one = Refunding(emulator.gateway, str(charge.payment_intent))
    with pytest.raises(GatewayRejected, match="charged back"):
        one.gateway.create_refund(one.request())


def test_an_unknown_payment_is_rejected(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, "pi_unknown")
    with pytest.raises(GatewayRejected, match="No such payment_intent"):
        one.gateway.create_refund(one.request())


def test_the_same_key_with_another_amount_is_rejected(emulator: StripeEmulator) -> None:
    one = Refunding(emulator.gateway, paid_intent(emulator))
    request = one.request(100)
    one.gateway.create_refund(request)
    with pytest.raises(GatewayRejected, match="same parameters"):
        one.gateway.create_refund(replace(request, amount=200))
