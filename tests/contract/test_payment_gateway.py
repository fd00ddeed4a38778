"""The contract of every PaymentGateway; the emulator runs in its own process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.gateways.stripe import StripeGateway
from core.ports.errors import GatewayKeySpent, GatewayNotFound, GatewayRejected, GatewayUnavailable
from core.ports.payments import PaymentGateway, UiMode
from scripts.local.ports import free_port
from tests.contract.checkouts import checkout_request, control, open_session, pay_by_card, pay_by_debit, session_of
from tests.contract.conftest import SECRET_KEY, StripeEmulator


@pytest.fixture
def gateway(emulator: StripeEmulator) -> PaymentGateway:
    return emulator.gateway


def test_an_elements_session_has_a_client_secret_and_no_url(gateway: PaymentGateway) -> None:
    checkout = checkout_request("elements")
    session = gateway.create_checkout_session(checkout)
    assert session.client_secret is not None
    assert session.url is None
    assert session.expires_at == checkout.expires_at.replace(microsecond=0)


def test_a_hosted_page_session_has_a_url_and_no_client_secret(gateway: PaymentGateway) -> None:
    session = gateway.create_checkout_session(checkout_request("hosted_page"))
    assert session.client_secret is None
    assert session.url is not None


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_the_order_id_is_on_the_session_and_its_payment_intent(emulator: StripeEmulator, ui_mode: UiMode) -> None:
    checkout = checkout_request(ui_mode)
    session_id = emulator.gateway.create_checkout_session(checkout).id
    pay_by_card(emulator, session_id)
    session = session_of(emulator, session_id)
    intent = emulator.http.get(f"/v1/payment_intents/{session['payment_intent']}").json()
    assert session["client_reference_id"] == checkout.order_id
    assert session["metadata"] == intent["metadata"] == {"order_id": checkout.order_id}
    assert (session["amount_total"], session["currency"]) == (228_000, "sek")


def test_the_same_idempotency_key_returns_the_same_session(gateway: PaymentGateway) -> None:
    checkout = checkout_request()
    assert gateway.create_checkout_session(checkout) == gateway.create_checkout_session(checkout)


def test_a_lost_response_creates_no_second_session(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/faults", data={"lost_answers": "3"})
    checkout = checkout_request()
    with pytest.raises(GatewayUnavailable):
        emulator.gateway.create_checkout_session(checkout)
    session_id = emulator.gateway.create_checkout_session(checkout).id
    sessions = emulator.http.get("/v1/checkout/sessions?limit=100").json()["data"]
    assert [s["id"] for s in sessions if s["client_reference_id"] == checkout.order_id] == [session_id]


def test_a_failed_answer_spends_its_idempotency_key(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/faults", data={"failed_calls": "1"})
    checkout = checkout_request()
    for _ in range(2):
        with pytest.raises(GatewayKeySpent):
            emulator.gateway.create_checkout_session(checkout)
    assert emulator.gateway.create_checkout_session(replace(checkout, idempotency_key=str(uuid4()))).id


def test_the_same_idempotency_key_with_other_parameters_is_rejected(gateway: PaymentGateway) -> None:
    key = str(uuid4())
    gateway.create_checkout_session(checkout_request(key=key))
    with pytest.raises(GatewayRejected, match="same parameters"):
        gateway.create_checkout_session(checkout_request(key=key))


def test_a_rejection_carries_the_providers_reason(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayRejected, match="Invalid currency: xxx"):
        gateway.create_checkout_session(checkout_request(currency="XXX"))


def test_an_expired_checkout_cannot_be_paid(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    emulator.gateway.expire_checkout_session(session_id)
    assert pay_by_card(emulator, session_id).status_code == 409
    assert session_of(emulator, session_id)["status"] == "expired"


def test_expiring_a_checkout_twice_changes_nothing(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    emulator.gateway.expire_checkout_session(session_id)
    emulator.gateway.expire_checkout_session(session_id)
    assert session_of(emulator, session_id)["status"] == "expired"


def test_expiring_a_paid_checkout_leaves_it_paid(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    emulator.gateway.expire_checkout_session(session_id)
    assert session_of(emulator, session_id)["payment_status"] == "paid"


def test_expiring_an_unknown_checkout_finds_nothing(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayNotFound, match=r"No such checkout\.session"):
        gateway.expire_checkout_session("cs_test_unknown")


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_a_fetched_open_session_equals_the_created_one(gateway: PaymentGateway, ui_mode: UiMode) -> None:
    checkout = checkout_request(ui_mode)
    session = gateway.create_checkout_session(checkout)
    fetched = gateway.fetch_checkout_session(session.id)
    assert fetched.session == session
    assert (fetched.status, fetched.payment_status, fetched.payment_begun) == ("open", "unpaid", False)
    assert (fetched.amount_total, fetched.currency, fetched.order_id) == (228_000, "SEK", checkout.order_id)
    assert fetched.livemode is False


def test_a_fetched_paid_session_names_its_payment_as_its_webhook_does(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    fetched = emulator.gateway.fetch_checkout_session(session_id)
    assert (fetched.status, fetched.payment_status, fetched.payment_begun) == ("complete", "paid", True)
    assert fetched.payment_id == session_of(emulator, session_id)["payment_intent"]
    assert fetched.raw == session_of(emulator, session_id)


def test_a_fetched_bank_debit_is_in_progress_until_it_fails(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator, currency="EUR")
    pay_by_debit(emulator, session_id)
    begun = emulator.gateway.fetch_checkout_session(session_id)
    control(emulator, f"sessions/{session_id}/settle", outcome="failed")
    failed = emulator.gateway.fetch_checkout_session(session_id)
    assert (begun.status, begun.payment_status, begun.payment_begun) == ("complete", "unpaid", True)
    assert (failed.status, failed.payment_failed, failed.payment_begun) == ("complete", True, False)


def test_a_fetched_expired_session_has_no_payment(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    emulator.gateway.expire_checkout_session(session_id)
    fetched = emulator.gateway.fetch_checkout_session(session_id)
    assert (fetched.status, fetched.payment_begun, fetched.payment_failed) == ("expired", False, False)


def test_fetching_an_unknown_session_finds_nothing(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayNotFound, match=r"No such checkout\.session"):
        gateway.fetch_checkout_session("cs_test_unknown")


def test_a_wrong_api_key_is_unavailable_and_not_quoted(emulator: StripeEmulator) -> None:
    gateway = StripeGateway("sk_test_key_of_another_account", emulator.base)
    with pytest.raises(GatewayUnavailable) as unavailable:
        gateway.create_checkout_session(checkout_request())
    assert "another" not in str(unavailable.value)


def test_a_refused_connection_is_unavailable() -> None:
    gateway = StripeGateway(SECRET_KEY, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(GatewayUnavailable):
        gateway.create_checkout_session(checkout_request())


@pytest.mark.parametrize("after", [timedelta(minutes=5), timedelta(hours=25)])
def test_an_expiry_out_of_range_is_rejected(gateway: PaymentGateway, after: timedelta) -> None:
    checkout = replace(checkout_request(), expires_at=datetime.now(UTC) + after)
    with pytest.raises(GatewayRejected, match="expires_at"):
        gateway.create_checkout_session(checkout)
