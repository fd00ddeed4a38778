"""The contract of every WebhookVerifier, tested on deliveries of the emulator."""

from datetime import UTC, datetime

import pytest

from core.gateways.stripe import StripeWebhookVerifier
from core.ports.webhooks import SignatureInvalid, WebhookVerifier
from tests.contract.checkouts import open_session, pay_by_card
from tests.contract.conftest import WEBHOOK_SECRET, StripeEmulator
from tests.contract.receiver import Delivery
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def delivery(emulator: StripeEmulator) -> Delivery:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    return wait_until(lambda: emulator.receiver.of("checkout.session.completed", session_id), "delivery")[0]


@pytest.fixture
def verifier() -> WebhookVerifier:
    return StripeWebhookVerifier([WEBHOOK_SECRET])


def test_a_signed_delivery_is_accepted(verifier: WebhookVerifier, delivery: Delivery) -> None:
    verifier.verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_each_of_two_secrets_is_accepted_during_rotation(delivery: Delivery) -> None:
    verifier = StripeWebhookVerifier(["whsec_the_next_one", WEBHOOK_SECRET])
    verifier.verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_a_changed_body_is_rejected(verifier: WebhookVerifier, delivery: Delivery) -> None:
    forged = delivery.body.replace(b'"amount_total": 228000', b'"amount_total": 228001')
    assert forged != delivery.body
    with pytest.raises(SignatureInvalid):
        verifier.verify(forged, delivery.signature, datetime.now(UTC))


def test_a_signature_by_another_secret_is_rejected(delivery: Delivery) -> None:
    with pytest.raises(SignatureInvalid):
        StripeWebhookVerifier(["whsec_other"]).verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_a_delivery_has_the_size_and_fields_of_a_real_one(delivery: Delivery) -> None:
    event = delivery.event
    assert 2_000 < len(delivery.body) < 5_000
    assert event["api_version"] == "2026-10-28.endive"
    assert (event["livemode"], event["pending_webhooks"]) == (False, 1)
    assert event["data"]["object"]["payment_status"] == "paid"
    assert event["data"]["object"]["customer_details"]["email"] == "buyer@example.com"
