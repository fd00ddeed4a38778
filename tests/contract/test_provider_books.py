"""The contract of every ProviderBooks; the emulator runs in its own process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from core.gateways.stripe import StripeGateway
from core.gateways.stripe_books import StripeBooks
from core.ports.books import API_VERSION, ProviderBooks, Window
from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.webhooks.payment_events import EVENT_TYPES
from scripts.local.ports import free_port
from tests.contract.checkouts import control, open_session, paid_charge, pay_by_card, session_of
from tests.contract.conftest import SECRET_KEY, StripeEmulator


@pytest.fixture
def books(emulator: StripeEmulator) -> ProviderBooks:
    return StripeBooks(emulator.gateway)


def window(hours: int = 1) -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(hours=hours), now + timedelta(minutes=1))


def test_the_version_of_the_port_is_the_sdks() -> None:
    assert stripe.api_version == API_VERSION


def test_events_are_listed_by_type_newest_first_as_they_are_delivered(
    emulator: StripeEmulator, books: ProviderBooks
) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    page = books.list_events(list(EVENT_TYPES), window())
    known = emulator.http.get("/v1/events?type=checkout.session.completed&limit=1").json()["data"][0]
    assert known in [dict(event) for event in page.items]
    assert {str(event["type"]) for event in page.items} <= set(EVENT_TYPES)
    created = [event["created"] for event in page.items]
    assert created == sorted(created, reverse=True)  # pyright: ignore[reportArgumentType] - times are numbers


def test_pages_go_on_after_the_last_id_until_the_end(
    emulator: StripeEmulator, books: ProviderBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.gateways.stripe_books._PAGE", 2)
    for _ in range(3):
        paid_charge(emulator)
    part, found = window(), list[str]()
    while True:
        page = books.list_entries(part)
        found += [entry.transaction_id for entry in page.items]
        if page.last is None:
            break
        part = replace(part, after=page.last)
    listed = emulator.http.get("/v1/balance_transactions?limit=100").json()["data"]
    assert found == [one["id"] for one in listed]


def test_a_window_leaves_out_what_is_before_and_after_it(emulator: StripeEmulator, books: ProviderBooks) -> None:
    paid_charge(emulator)
    now = datetime.now(UTC)
    before, after = Window(now - timedelta(days=2), now - timedelta(days=1)), Window(now + timedelta(days=1), now)
    assert [books.list_entries(one).items for one in (before, after)] == [[], []]
    assert [books.list_events(list(EVENT_TYPES), one).items for one in (before, after)] == [[], []]


def test_an_entry_tells_its_payment_order_fee_and_amount(emulator: StripeEmulator, books: ProviderBooks) -> None:
    charge = paid_charge(emulator)
    control(emulator, f"charges/{charge.id}/refund", amount=100)
    refund, payment = books.list_entries(window()).items[:2]
    assert (payment.kind, payment.object_id, payment.payment_id) == ("payment", charge.id, charge.payment_intent)
    assert (payment.order_id, payment.amount, payment.currency) == (charge.metadata["order_id"], 228_000, "SEK")
    assert (payment.fee_amount, payment.settled_amount, payment.settled_currency) == (3_600, 228_000, "SEK")
    assert (refund.kind, refund.payment_id, refund.amount) == ("refund", charge.payment_intent, 100)
    assert (refund.settled_amount, refund.order_id) == (-100, None)


def test_disputes_and_what_comes_back_are_entries(emulator: StripeEmulator, books: ProviderBooks) -> None:
    charge = paid_charge(emulator)
    dispute = control(emulator, f"charges/{charge.id}/dispute")["id"]
    control(emulator, f"disputes/{dispute}/settle", outcome="won")
    back, taken = books.list_entries(window()).items[:2]
    assert [(one.kind, one.object_id, one.amount) for one in (back, taken)] == [
        ("dispute_reversal", dispute, 228_000),
        ("dispute", dispute, 228_000),
    ]
    assert [one.settled_amount for one in (back, taken)] == [228_000, -228_000]


def test_a_fetched_charge_has_its_transaction_and_its_refunds(emulator: StripeEmulator, books: ProviderBooks) -> None:
    charge = paid_charge(emulator)
    alone = books.fetch("charge", charge.id)
    control(emulator, f"charges/{charge.id}/refund", amount=100)
    control(emulator, f"charges/{charge.id}/refund", amount=200)
    found, *refunds = books.fetch("charge", charge.id)
    assert len(alone) == 1
    assert isinstance(found["balance_transaction"], dict)
    assert sorted(str(refund["amount"]) for refund in refunds) == ["100", "200"]


def test_a_fetched_object_equals_the_providers(emulator: StripeEmulator, books: ProviderBooks) -> None:
    charge = paid_charge(emulator)
    refund = control(emulator, f"charges/{charge.id}/refund", amount=100)["id"]
    dispute = control(emulator, f"charges/{paid_charge(emulator).id}/dispute")["id"]
    warning = control(emulator, f"charges/{charge.id}/warn")["id"]
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    intent = session_of(emulator, session_id)["payment_intent"]
    get = emulator.http.get
    assert books.fetch("refund", refund) == [get(f"/v1/refunds/{refund}").json()]
    assert books.fetch("dispute", dispute) == [get(f"/v1/disputes/{dispute}").json()]
    assert books.fetch("payment_intent", intent) == [get(f"/v1/payment_intents/{intent}").json()]
    assert books.fetch("checkout.session", session_id) == [get(f"/v1/checkout/sessions/{session_id}").json()]
    found = books.fetch("radar.early_fraud_warning", warning)
    assert found == [get(f"/v1/radar/early_fraud_warnings/{warning}").json()]


def test_an_unknown_object_or_page_is_rejected(books: ProviderBooks) -> None:
    with pytest.raises(GatewayRejected, match="No such"):
        books.fetch("charge", "ch_unknown")
    with pytest.raises(GatewayRejected, match="No such"):
        books.list_events(list(EVENT_TYPES), replace(window(), after="evt_unknown"))


def test_a_refused_connection_is_unavailable() -> None:
    books = StripeBooks(StripeGateway(SECRET_KEY, f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(GatewayUnavailable):
        books.list_entries(window())
