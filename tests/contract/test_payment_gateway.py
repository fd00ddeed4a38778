"""What every PaymentGateway must do; the gateway talks to an emulator in a process of its own."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.gateways.stripe import StripeGateway
from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.ports.payments import LineItem, PaymentGateway, UiMode
from scripts.local.ports import free_port
from tests.contract.conftest import SECRET_KEY, StripeEmulator
from tests.contract.requests import checkout, open_session, pay_by_card, session_of


@pytest.fixture
def gateway(emulator: StripeEmulator) -> PaymentGateway:
    return emulator.gateway


def test_elements_gives_a_client_secret_and_no_address(gateway: PaymentGateway) -> None:
    wanted = checkout("elements")
    session = gateway.create_checkout_session(wanted)
    assert session.client_secret is not None
    assert session.url is None
    assert session.expires_at == wanted.expires_at.replace(microsecond=0)


def test_hosted_page_gives_an_address_and_no_client_secret(gateway: PaymentGateway) -> None:
    session = gateway.create_checkout_session(checkout("hosted_page"))
    assert session.client_secret is None
    assert session.url is not None


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_the_order_stands_on_the_session_and_on_its_payment(emulator: StripeEmulator, ui_mode: UiMode) -> None:
    wanted = checkout(ui_mode)
    session_id = emulator.gateway.create_checkout_session(wanted).id
    pay_by_card(emulator, session_id)
    session = session_of(emulator, session_id)
    intent = emulator.http.get(f"/v1/payment_intents/{session['payment_intent']}").json()
    assert session["client_reference_id"] == wanted.order_id
    assert session["metadata"] == intent["metadata"] == {"order_id": wanted.order_id}
    assert (session["amount_total"], session["currency"]) == (228_000, "sek")


def test_the_same_key_answers_the_same_session(gateway: PaymentGateway) -> None:
    wanted = checkout()
    assert gateway.create_checkout_session(wanted) == gateway.create_checkout_session(wanted)


def test_an_answer_lost_on_the_way_makes_no_second_session(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/faults", data={"lost_answers": "3"})
    wanted = checkout()
    with pytest.raises(GatewayUnavailable):
        emulator.gateway.create_checkout_session(wanted)
    session_id = emulator.gateway.create_checkout_session(wanted).id
    sessions = emulator.http.get("/v1/checkout/sessions?limit=100").json()["data"]
    assert [s["id"] for s in sessions if s["client_reference_id"] == wanted.order_id] == [session_id]


def test_the_same_key_for_another_request_is_refused(gateway: PaymentGateway) -> None:
    key = str(uuid4())
    gateway.create_checkout_session(checkout(key=key))
    with pytest.raises(GatewayRejected, match="same parameters"):
        gateway.create_checkout_session(checkout(key=key))


def test_what_the_far_side_refuses_is_rejected_with_its_reason(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayRejected, match="Invalid currency: xxx"):
        gateway.create_checkout_session(checkout(currency="XXX"))


def test_an_expired_checkout_cannot_be_paid(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    emulator.gateway.expire_checkout_session(session_id)
    assert pay_by_card(emulator, session_id).status_code == 409
    assert session_of(emulator, session_id)["status"] == "expired"


def test_expiring_twice_changes_nothing(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    emulator.gateway.expire_checkout_session(session_id)
    emulator.gateway.expire_checkout_session(session_id)
    assert session_of(emulator, session_id)["status"] == "expired"


def test_expiring_a_paid_checkout_leaves_it_paid(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    emulator.gateway.expire_checkout_session(session_id)
    assert session_of(emulator, session_id)["payment_status"] == "paid"


def test_expiring_an_unknown_checkout_is_rejected(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayRejected, match=r"No such checkout\.session"):
        gateway.expire_checkout_session("cs_test_unknown")


def test_an_event_is_fetched_as_the_far_side_holds_it(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    known = emulator.http.get("/v1/events?type=checkout.session.completed&limit=1").json()["data"][0]
    fetched = dict(emulator.gateway.fetch_event(known["id"]))
    assert fetched["data"] == known["data"]
    assert (fetched["id"], fetched["api_version"]) == (known["id"], "2026-10-28.endive")


def test_an_unknown_event_is_rejected(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayRejected, match="No such event"):
        gateway.fetch_event("evt_unknown")


def test_a_wrong_key_is_rejected_and_not_quoted(emulator: StripeEmulator) -> None:
    stranger = StripeGateway("sk_test_somebody_elses_key", emulator.base)
    with pytest.raises(GatewayRejected) as refused:
        stranger.create_checkout_session(checkout())
    assert "else" not in str(refused.value)


def test_nobody_listening_is_unavailable() -> None:
    lost = StripeGateway(SECRET_KEY, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(GatewayUnavailable):
        lost.create_checkout_session(checkout())


@pytest.mark.parametrize("after", [timedelta(minutes=5), timedelta(hours=25)])
def test_an_expiry_the_far_side_does_not_take_is_rejected(gateway: PaymentGateway, after: timedelta) -> None:
    wanted = checkout()
    late = type(wanted)(
        wanted.order_id,
        wanted.customer_email,
        "SEK",
        (LineItem("Course", 10_000, 1),),
        "hosted_page",
        wanted.return_url,
        datetime.now(UTC) + after,
        wanted.idempotency_key,
    )
    with pytest.raises(GatewayRejected, match="expires_at"):
        gateway.create_checkout_session(late)
