"""webhooks.sweep, webhooks.fetch and payments.compare with Stripe's SDK against the emulator; no delivery arrives."""

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery.exceptions import Retry as CeleryRetry

from core.gateways.stripe_books import StripeBooks
from core.jobs.enqueue import enqueue
from core.messages import CompareBooks, FetchObject, Message, ReconcilePayments, SweepEvents
from core.payments import compare, cursors
from core.ports.payments import CheckoutRequest, LineItem
from core.webhooks import sweep
from tasks import payments, runtime
from tasks import webhooks as webhook_tasks
from tasks.celery_status import JobsRunAgainError
from tests.contract.checkouts import control, pay_by_card, pay_by_debit, session_of
from tests.contract.conftest import StripeEmulator, stripe_emulator_at
from tests.contract.receiver import webhook_receiver
from tests.support.jobs import claim_all, do, states, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness

LATER = timedelta(hours=2)
OPEN = "select count(*) from app.findings where closed_at is null"
LOST_DISPUTE = """
insert into app.disputes (provider_dispute_id, provider_payment_id, state, amount, currency)
values ('du_unknown', 'pi_x', 'lost', 5, 'SEK')
"""
TASKS: dict[str, Any] = {
    "webhooks.fetch": webhook_tasks.fetch,
    "webhooks.sweep": webhook_tasks.sweep,
    "payments.compare": payments.compare,
    "payments.reconcile": payments.reconcile,
    "payments.ask_checkout": payments.ask_checkout,
}


@dataclass(frozen=True, slots=True)
class Shop:
    """Orders here, their payments at the emulator, and the jobs that ask about them."""

    webhooks: WebhookHarness
    emulator: StripeEmulator
    set_clock: Callable[[timedelta], None]

    def checkout(self) -> tuple[Purchase, str]:
        """An order and its open session at the emulator."""
        purchase = self.webhooks.place_order()
        request = CheckoutRequest(
            order_id=str(purchase.order_id),
            customer_email="buyer@aula.example",
            currency="SEK",
            items=(LineItem("Course", purchase.amount, 1),),
            ui_mode="hosted_page",
            return_url="https://aula.example/thanks",
            cancel_url="https://aula.example/cancelled",
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            idempotency_key=str(uuid4()),
        )
        session_id = self.emulator.gateway.create_checkout_session(request).id
        do(self.webhooks.sessions, "update app.checkouts set session_id = :session where order_id = :id",
           session=session_id, id=purchase.order_id)  # fmt: skip
        return purchase, session_id

    def paid(self) -> tuple[Purchase, str]:
        """An order that was paid at the emulator, and its charge there."""
        purchase, session_id = self.checkout()
        assert pay_by_card(self.emulator, session_id).status_code == 303
        return purchase, self.charge(session_id)

    def charge(self, session_id: str) -> str:
        intent = session_of(self.emulator, session_id)["payment_intent"]
        return self.emulator.http.get(f"/v1/payment_intents/{intent}").json()["latest_charge"]

    def run(self, message: Message, after: timedelta = timedelta()) -> None:
        """Run a job, as if it were so much later, and all that follows."""
        self.set_clock(after)
        with self.webhooks.sessions.begin() as session:
            enqueue(session, message)
        while batches := claim_all(self.webhooks.sessions):
            for batch in batches:
                if batch.kind in TASKS:
                    # What it raises is for Flower; the jobs tell what happened.
                    with suppress(CeleryRetry, JobsRunAgainError):
                        TASKS[batch.kind].run(batch.to_wire())
                else:
                    self.webhooks.run_batch(batch)

    def compare(self, after: timedelta = LATER) -> list[str]:
        """The reasons of the differences that are open after a comparison."""
        self.run(CompareBooks(), after)
        reasons = """
        select string_agg((details ->> 'kind') || ' ' || (details ->> 'reason'), ','
                          order by details ->> 'kind', details ->> 'reason')
        from app.findings where kind = 'books_differ' and closed_at is null
        """
        found = value(self.webhooks.sessions, reasons)
        return str(found).split(",") if found else []

    def count(self, table: str) -> int:
        return int(str(value(self.webhooks.sessions, f"select count(*) from app.{table}")))  # noqa: S608 - names are ours


@pytest.fixture
def emulator(tmp_path: Path) -> Generator[StripeEmulator]:
    """One for each test, because all of its books are compared."""
    with webhook_receiver() as receiver, stripe_emulator_at(tmp_path, receiver) as started:
        yield started


@pytest.fixture
def shop(webhooks: WebhookHarness, emulator: StripeEmulator, in_process: pytest.MonkeyPatch) -> Shop:
    """The jobs call the emulator; its books begin now."""
    in_process.setattr(runtime, "payments", lambda: emulator.gateway)
    in_process.setattr(runtime, "books", lambda: StripeBooks(emulator.gateway))
    do(webhooks.sessions, "update app.job_kinds set max_running = null")
    # The emulator's times are whole seconds.
    begin = datetime.now(UTC).replace(microsecond=0)

    def set_clock(after: timedelta) -> None:
        for module in (webhook_tasks, payments):
            in_process.setattr(module, "utc_now", lambda: datetime.now(UTC) + after)

    do(webhooks.sessions, "insert into app.provider_cursors (name, began_at, reached_at) "
       "select name, :at, :at from unnest(array['books', 'events']) as name", at=begin)  # fmt: skip
    return Shop(webhooks, emulator, set_clock)


def test_every_event_that_never_came_is_stored_once_and_all_is_given(shop: Shop) -> None:
    (paid, _), (refunded, charge), (disputed, other) = (shop.paid() for _ in range(3))
    waiting, debit = shop.checkout()
    pay_by_debit(shop.emulator, debit)
    control(shop.emulator, f"charges/{charge}/refund")
    control(shop.emulator, f"charges/{other}/dispute")
    shop.run(SweepEvents(), timedelta(seconds=2))
    order_states = [shop.webhooks.order_state(one) for one in (paid, refunded, disputed, waiting)]
    assert order_states == ["fulfilled", "refunded", "disputed", "processing"]
    assert [shop.webhooks.has_access(one) for one in (paid, refunded, disputed)] == [True, False, False]
    stored, fees = shop.count("webhook_events"), shop.count("book_entries")
    assert fees == 3
    shop.run(SweepEvents(), timedelta(minutes=1))
    assert (shop.count("webhook_events"), shop.count("book_entries")) == (stored, fees)
    assert (
        value(shop.webhooks.sessions, "select max(deliveries) from app.webhook_events where event_id like 'evt%'") == 1
    )
    assert set(states(shop.webhooks.sessions, "webhooks.process")) == {"succeeded"}


def test_after_three_lost_days_all_is_given(shop: Shop) -> None:
    purchases = [shop.paid()[0] for _ in range(5)]
    lost, session_id = shop.checkout()
    pay_by_card(shop.emulator, session_id)
    do(shop.webhooks.sessions, "update app.checkouts set expires_at = now() - interval '1 day'")
    shop.run(SweepEvents(), timedelta(days=3))
    shop.run(ReconcilePayments(), timedelta(days=3))
    assert {shop.webhooks.order_state(one) for one in (*purchases, lost)} == {"fulfilled"}
    assert shop.count("enrollments") == 6
    assert value(shop.webhooks.sessions, OPEN) == 0


def test_a_sweep_goes_on_page_by_page_and_after_a_failure(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.gateways.stripe_books._PAGE", 3)
    monkeypatch.setattr(sweep, "PAGES", 1)
    purchases = [shop.paid()[0] for _ in range(3)]
    control(shop.emulator, "faults", failed_calls=3)
    shop.run(SweepEvents(), timedelta(seconds=2))
    assert {shop.webhooks.order_state(one) for one in purchases} == {"pending"}
    do(shop.webhooks.sessions, "update app.jobs set run_at = now() where state = 'pending'")
    shop.run(SweepEvents(), timedelta(seconds=2))
    assert {shop.webhooks.order_state(one) for one in purchases} == {"fulfilled"}
    assert value(shop.webhooks.sessions, "select until is null and after is null from app.provider_cursors "
                 "where name = 'events'") is True  # fmt: skip


def test_a_window_whose_page_is_gone_is_read_again_from_its_beginning(shop: Shop) -> None:
    purchase, _ = shop.paid()
    do(
        shop.webhooks.sessions,
        "update app.provider_cursors set until = now() + interval '1 minute', after = 'x_gone'",
    )
    shop.run(SweepEvents(), timedelta(minutes=2))
    assert shop.webhooks.order_state(purchase) == "fulfilled"


def test_books_that_agree_open_no_finding(shop: Shop) -> None:
    shop.paid()
    (_, charge), (_, other), (_, won) = (shop.paid() for _ in range(3))
    control(shop.emulator, f"charges/{charge}/refund", amount=100)
    control(shop.emulator, f"charges/{other}/dispute")
    dispute = control(shop.emulator, f"charges/{won}/dispute")["id"]
    control(shop.emulator, f"disputes/{dispute}/settle", outcome="won")
    shop.run(SweepEvents(), timedelta(seconds=2))
    assert shop.compare() == []
    assert shop.count("book_entries") == 8
    sums = "select sum(settled_amount) from app.book_entries"
    assert value(shop.webhooks.sessions, sums) == 4 * 49_900 - 100 - 49_900


def test_money_that_is_unknown_here_is_a_finding_is_fetched_and_closes(shop: Shop) -> None:
    purchase, charge = shop.paid()
    control(shop.emulator, f"charges/{charge}/refund", amount=100)
    assert shop.compare() == ["payment unknown here", "refund unknown here"]
    assert (shop.webhooks.order_state(purchase), shop.webhooks.has_access(purchase)) == ("fulfilled", True)
    # The refund's payment was not known yet: it is fetched after the next comparison.
    assert shop.compare(LATER + timedelta(days=1)) == ["refund unknown here"]
    assert shop.compare(LATER + timedelta(days=2)) == []
    assert value(shop.webhooks.sessions, "select sum(amount) from app.refunds where state = 'succeeded'") == 100
    assert value(shop.webhooks.sessions, OPEN) == 0


def test_a_refund_that_fails_days_later_differs_and_is_fetched(shop: Shop) -> None:
    purchase, charge = shop.paid()
    refund = control(shop.emulator, f"charges/{charge}/refund")["id"]
    shop.run(SweepEvents(), timedelta(seconds=2))
    assert shop.compare() == []
    do(shop.webhooks.sessions, "update app.book_entries set booked_at = booked_at - interval '1 day'")
    do(shop.webhooks.sessions, "update app.provider_cursors set reached_at = began_at")
    control(shop.emulator, f"refunds/{refund}/settle", outcome="failed")
    assert shop.compare(LATER + timedelta(minutes=1)) == ["refund states differ"]
    assert (shop.webhooks.order_state(purchase), shop.webhooks.has_access(purchase)) == ("fulfilled", True)
    assert shop.compare(LATER + timedelta(minutes=2)) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update app.payments set amount = amount + 1", "payment amounts differ"),
        ("update app.payments set currency = 'EUR'", "payment amounts differ"),
        ("update app.refunds set state = 'failed'", "refund states differ"),
        ("update app.refunds set provider_refund_id = 're_unknown'", "refund unknown here,refund unknown there"),
        ("update app.payments set provider_payment_id = 'pi_unknown'", "payment unknown here,payment unknown there"),
        (LOST_DISPUTE, "dispute unknown there"),
    ],
)  # fmt: skip
def test_what_differs_is_a_finding(shop: Shop, change: str, reason: str) -> None:
    _, charge = shop.paid()
    control(shop.emulator, f"charges/{charge}/refund", amount=100)
    shop.run(SweepEvents(), timedelta(seconds=2))
    do(shop.webhooks.sessions, change)
    assert ",".join(shop.compare()) == reason
    # A payment that was unknown here was fetched meanwhile.
    again = shop.compare(LATER + timedelta(minutes=1))
    assert reason.endswith(again[-1])
    assert set(again) <= set(reason.split(","))
    assert value(shop.webhooks.sessions, "select max(times_seen) from app.findings") == 2


def test_a_comparison_reads_page_by_page_and_day_by_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.gateways.stripe_books._PAGE", 2)
    monkeypatch.setattr(compare, "PAGES", 1)
    for _ in range(5):
        shop.paid()
    do(shop.webhooks.sessions, "update app.provider_cursors set began_at = now() - interval '3 days', "
       "reached_at = now() - interval '3 days'")  # fmt: skip
    shop.run(SweepEvents(), timedelta(seconds=2))
    assert shop.compare() == []
    compared = states(shop.webhooks.sessions, "payments.compare")
    # Three days and today, and the further pages of today.
    assert (set(compared), len(compared) >= 5) == ({"succeeded"}, True)
    assert shop.count("book_entries") >= 5


@pytest.mark.parametrize("kind", ["checkout.session", "payment_intent", "charge"])
def test_a_fetched_object_is_applied_as_its_webhook_would_be(shop: Shop, kind: str) -> None:
    purchase, session_id = shop.checkout()
    pay_by_card(shop.emulator, session_id)
    charge = shop.charge(session_id)
    ids = {
        "checkout.session": session_id,
        "payment_intent": session_of(shop.emulator, session_id)["payment_intent"],
        "charge": charge,
    }
    control(shop.emulator, f"charges/{charge}/refund", amount=100)
    for _ in range(2):
        shop.run(FetchObject(object_kind=kind, object_id=ids[kind]))
    facts = [shop.count(table) for table in ("payments", "refunds", "book_entries")]
    assert facts == ([0, 1, 1] if kind == "charge" else [1, 0, 0])
    assert shop.webhooks.order_state(purchase) == ("pending" if kind == "charge" else "fulfilled")


def test_a_cursor_that_another_job_has_moved_stays(webhooks: WebhookHarness) -> None:
    now, day = datetime(2026, 11, 25, tzinfo=UTC), timedelta(days=1)
    with webhooks.sessions.begin() as session:
        window = cursors.open_window(session, "books", now - day, now, day)
        assert window
        cursors.advance(session, "books", window, "txn_1")
        cursors.advance(session, "books", window, None)
    with webhooks.sessions.begin() as session:
        again = cursors.open_window(session, "books", now, now + day, day)
        assert again
        assert (again.since, again.until, again.after) == (now - day, now, "txn_1")
        cursors.advance(session, "books", again, None)
        assert cursors.open_window(session, "books", now, now, day) is None
