"""What every WebhookVerifier must do, on deliveries as the far side really sends them."""

from datetime import UTC, datetime

import pytest

from core.gateways.stripe import StripeWebhookVerifier
from core.ports.webhooks import SignatureInvalid, WebhookVerifier
from tests.contract.conftest import WEBHOOK_SECRET, StripeEmulator
from tests.contract.receiver import Delivery
from tests.contract.requests import open_session, pay_by_card
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def delivery(emulator: StripeEmulator) -> Delivery:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    return wait_until(lambda: emulator.receiver.of("checkout.session.completed", session_id), "delivery")[0]


@pytest.fixture
def verifier() -> WebhookVerifier:
    return StripeWebhookVerifier([WEBHOOK_SECRET])


def test_a_real_delivery_is_genuine(verifier: WebhookVerifier, delivery: Delivery) -> None:
    verifier.verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_a_delivery_is_genuine_while_its_secret_is_being_replaced(delivery: Delivery) -> None:
    verifier = StripeWebhookVerifier(["whsec_the_next_one", WEBHOOK_SECRET])
    verifier.verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_one_changed_byte_is_a_forgery(verifier: WebhookVerifier, delivery: Delivery) -> None:
    forged = delivery.body.replace(b'"amount_total": 228000', b'"amount_total": 228001')
    assert forged != delivery.body
    with pytest.raises(SignatureInvalid):
        verifier.verify(forged, delivery.signature, datetime.now(UTC))


def test_another_secret_proves_nothing(delivery: Delivery) -> None:
    with pytest.raises(SignatureInvalid):
        StripeWebhookVerifier(["whsec_other"]).verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_a_delivery_is_about_as_large_as_a_real_one_and_complete(delivery: Delivery) -> None:
    event = delivery.event
    assert 2_000 < len(delivery.body) < 5_000
    assert event["api_version"] == "2026-10-28.endive"
    assert (event["livemode"], event["pending_webhooks"]) == (False, 1)
    assert event["data"]["object"]["payment_status"] == "paid"
    assert event["data"]["object"]["customer_details"]["email"] == "buyer@example.com"
