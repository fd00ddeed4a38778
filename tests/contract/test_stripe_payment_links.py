"""Payment links of the emulator through the official SDK and the browser's requests."""

import pytest
import stripe

from tests.contract.checkouts import control, events_about, session_of
from tests.contract.conftest import StripeEmulator


@pytest.fixture
def price(emulator: StripeEmulator) -> str:
    price = emulator.sdk.v1.prices.create(
        {"product_data": {"name": "Lesson"}, "currency": "sek", "unit_amount": 20_000}
    )
    return price.id


def test_each_visit_of_a_payment_link_opens_a_session_that_is_paid(emulator: StripeEmulator, price: str) -> None:
    link = emulator.sdk.v1.payment_links.create(
        {"line_items": [{"price": price, "quantity": 2}], "metadata": {"campaign": "spring"}}
    )
    visits = [emulator.http.get(link.url).headers["location"].rpartition("/")[2] for _ in range(2)]
    assert len(set(visits)) == 2
    control(emulator, f"sessions/{visits[0]}/pay")
    paid, left = (session_of(emulator, visit) for visit in visits)
    assert (paid["amount_total"], paid["payment_status"], left["payment_status"]) == (40_000, "paid", "unpaid")
    assert (paid["payment_link"], paid["metadata"]) == (link.id, {"campaign": "spring"})


def test_an_inactive_payment_link_opens_nothing(emulator: StripeEmulator, price: str) -> None:
    links = emulator.sdk.v1.payment_links
    link = links.create({"line_items": [{"price": price, "quantity": 1}]})
    links.update(link.id, {"active": False, "inactive_message": "Sold out."})
    visit = emulator.http.get(link.url)
    assert visit.status_code == 410
    assert "Sold out." in visit.text
    assert events_about(emulator, link.id) == ["payment_link.created", "payment_link.updated"]


def test_an_unknown_payment_link_is_a_page(emulator: StripeEmulator) -> None:
    visit = emulator.http.get("/buy/plink_unknown")
    assert (visit.status_code, "No such payment_link" in visit.text) == (404, True)


def test_a_payment_link_of_an_unknown_price_is_refused(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such price"):
        emulator.sdk.v1.payment_links.create({"line_items": [{"price": "price_unknown", "quantity": 1}]})


def test_a_session_has_the_language_that_was_asked_for(emulator: StripeEmulator, price: str) -> None:
    fields = {"mode": "payment", "success_url": "https://shop.example/done"}
    lines = {"line_items[0][price]": price, "line_items[0][quantity]": "1"}
    created = emulator.http.post("/v1/checkout/sessions", data={**fields, **lines, "locale": "sv"}).json()
    assert created["locale"] == "sv"
    refused = emulator.http.post("/v1/checkout/sessions", data={**fields, **lines, "locale": "tlh"}).json()
    assert refused["error"]["param"] == "locale"
