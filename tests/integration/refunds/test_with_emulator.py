"""A refund from the request to the provider's events: Stripe's SDK against the emulator."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from core.settings import Settings, settings
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event
from tasks import runtime
from tests.contract.checkouts import control, pay_by_card
from tests.contract.conftest import SECRET_KEY, StripeEmulator, emulator
from tests.support.api_harness import ApiHarness, open_api
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.refund_harness import Bought, RefundHarness
from tests.support.webhook_harness import WebhookHarness

# pytest finds a fixture by its name in this module.
__all__ = ["emulator"]


@pytest.fixture(scope="module")
def api(database_url: str, emulator: StripeEmulator) -> Iterator[ApiHarness]:
    chosen = Settings(
        env="test",
        database_url=database_url,
        stripe_api_base=emulator.base,
        stripe_secret_key=SecretStr(SECRET_KEY),
        rate_limit_attempts=10_000,
    )
    with open_api(chosen) as opened:
        yield opened


@pytest.fixture
def shop(
    api: ApiHarness, webhooks: WebhookHarness, emulator: StripeEmulator, in_process: pytest.MonkeyPatch
) -> Iterator[RefundHarness]:
    """The worker calls the emulator; the harness's fake gateway is not used."""
    in_process.setenv("AULA_STRIPE_API_BASE", emulator.base)
    in_process.setenv("AULA_STRIPE_SECRET_KEY", SECRET_KEY)
    settings.cache_clear()
    runtime.payments.cache_clear()
    do(webhooks.sessions, "truncate app.findings, app.refunds cascade")
    harness = RefundHarness(api, webhooks, FakeGateway())
    yield harness
    harness.run_later()
    assert harness.violations() == {}


def events_since(emulator: StripeEmulator, known: set[str]) -> list[NewEvent]:
    """The provider's events that are not known yet, oldest first."""
    listed: list[dict[str, Any]] = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    bodies = [
        emulator.http.get(f"/v1/events/{one['id']}").content for one in reversed(listed) if one["id"] not in known
    ]
    known.update(one["id"] for one in listed)
    return [read_stripe_event(body) for body in bodies]


def bought(shop: RefundHarness, emulator: StripeEmulator, known: set[str]) -> Bought:
    teacher, buyer = shop.api.user("teacher"), shop.api.user()
    order = buyer.place_order(shop.course(teacher), shop.service(teacher))
    events_since(emulator, known)
    checkout = buyer.checkout(order["id"]).json()
    assert pay_by_card(emulator, checkout["session_id"]).is_redirect
    shop.tell(*events_since(emulator, known))
    items = sorted(order["items"], key=lambda item: item["course_id"] is None)
    return Bought(buyer, Purchase(UUID(order["id"]), order["total_amount"]), [item["id"] for item in items])


def rows(shop: RefundHarness) -> object:
    return value(shop.sessions, "select string_agg(state || ' ' || amount, ', ' order by id) from app.refunds")


def test_a_refund_goes_to_stripe_and_its_events_are_about_the_same_row(
    shop: RefundHarness, emulator: StripeEmulator
) -> None:
    known: set[str] = set()
    order = bought(shop, emulator, known)
    asked = order.ask(items=[order.items[0]])
    assert asked.status_code == 202, asked.text
    shop.run()
    told = events_since(emulator, known)
    assert "refund" in {event.data["kind"] for event in told}
    shop.tell(*told)
    assert (rows(shop), order.entitlements()) == ("succeeded 49900", ["none", "booked"])


def test_a_refund_that_fails_after_days_restores_its_line(shop: RefundHarness, emulator: StripeEmulator) -> None:
    known: set[str] = set()
    order = bought(shop, emulator, known)
    order.ask(items=[order.items[0]])
    shop.run()
    made = str(value(shop.sessions, "select provider_refund_id from app.refunds"))
    control(emulator, f"refunds/{made}/settle", outcome="failed")
    shop.tell(*reversed(events_since(emulator, known)))
    assert (rows(shop), order.entitlements()) == ("failed 49900", ["enrolled", "booked"])
    assert shop.webhooks.findings(order.purchase) == ["refund_failed"]


def test_a_charge_that_was_refunded_in_the_dashboard_is_rejected(shop: RefundHarness, emulator: StripeEmulator) -> None:
    known: set[str] = set()
    order = bought(shop, emulator, known)
    intent = str(value(shop.sessions, "select provider_payment_id from app.payments"))
    emulator.sdk.v1.refunds.create({"payment_intent": intent})
    order.ask()
    shop.run()
    assert rows(shop) == "failed 129900"
    failure = value(shop.sessions, "select failure from app.refunds")
    assert "already been refunded" in str(failure)
    shop.tell(*events_since(emulator, known))
    assert (shop.state(order), order.entitlements()) == ("refunded", ["none", "none"])
    assert shop.close_resolved() == 1
