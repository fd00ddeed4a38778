"""For each kind of finding: what causes it, and what takes its cause away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from core.findings.kinds import Kind
from core.messages import CheckInvariants, CompareBooks, ExpireOrders
from core.ports.books import BookEntry
from core.ports.errors import GatewayRejected
from core.seminars.advance import advance
from core.settings import settings
from tests.support.accounts import PASSWORD, register_account
from tests.support.finding_scene import REASON, FindingScene
from tests.support.purchases import Purchase
from tests.support.webhook_harness import dispute_event, make_event, object_event, refund_event

Repair = Callable[[], object]


@dataclass(frozen=True, slots=True)
class FindingCause:
    """`open` opens a finding, and returns what takes its cause away without an action on the finding.

    `by_itself` is the resolution then; None if only an action closes it.
    """

    open: Callable[[FindingScene], Repair | None]
    by_itself: str | None


def _second_payment(scene: FindingScene) -> Repair:
    purchase = scene.buy()
    second = f"pi_second_{purchase.order_id.hex}"
    scene.tell(make_event(purchase, payment_intent=second))
    return lambda: scene.tell(refund_event(purchase, payment_intent=second))


def _payment_mismatch(scene: FindingScene) -> Repair:
    _, purchase = scene.place()
    scene.tell(make_event(purchase, amount_total=100))
    return lambda: scene.tell(refund_event(purchase, amount=100))


def _closed_order_paid(scene: FindingScene) -> Repair:
    buyer, purchase = scene.place()
    buyer.http.post(f"/orders/{purchase.order_id}/cancel").raise_for_status()
    scene.tell(make_event(purchase))
    return lambda: scene.tell(refund_event(purchase))


def _erased_buyer_paid(scene: FindingScene) -> Repair:
    account = register_account(scene.api)
    account.http.headers.update(account.headers)
    order = account.http.post("/orders", json={"items": [scene.api.course()]}).raise_for_status().json()
    account.http.request("DELETE", "/me", json={"password": PASSWORD}).raise_for_status()
    purchase = Purchase(UUID(order["id"]), order["total_amount"])
    scene.tell(make_event(purchase))
    return lambda: scene.tell(refund_event(purchase))


def _payment_of_another_order(scene: FindingScene) -> None:
    bought = scene.buy()
    _, other = scene.place()
    scene.tell(make_event(other, payment_intent=bought.payment_id))


def _money_ignored(scene: FindingScene) -> Repair:
    """An event of live mode arrives while the settings say test mode."""
    _, purchase = scene.place()
    event = make_event(purchase, livemode=True)
    scene.tell(event)
    event_id = scene.finding_subject(Kind.MONEY_IGNORED)

    def correct_setting_and_replay() -> None:
        scene.environment.setenv("AULA_STRIPE_LIVEMODE", "true")
        settings.cache_clear()
        scene.aula.done("webhooks", "replay", event_id, "--reason", REASON)
        scene.runner.run_due()

    return correct_setting_and_replay


def _course_already_owned(scene: FindingScene) -> Repair:
    """The first order is paid after it has expired, and after the buyer has bought the course by another."""
    item = scene.api.course()
    buyer, first = scene.place(item)
    scene.do("update app.orders set expires_at = now() where id = :id", id=first.order_id)
    scene.run(ExpireOrders())
    _, second = scene.place(item, buyer=buyer)
    scene.tell(make_event(second))
    scene.tell(make_event(first))
    return lambda: scene.tell(refund_event(first))


def _refund_failed(scene: FindingScene) -> Repair:
    purchase = scene.buy()
    scene.gateway.fault = GatewayRejected("the card is closed")
    path = f"/orders/{purchase.order_id}/refund"
    scene.operator.http.post(path, json={"reason": REASON}).raise_for_status()
    scene.runner.run_due()
    scene.gateway.fault = None

    def refund_again() -> None:
        scene.operator.http.post(path, json={"reason": REASON}).raise_for_status()
        scene.runner.run_due()

    return refund_again


def _dispute_open(scene: FindingScene) -> Repair:
    purchase = scene.buy()
    scene.tell(dispute_event(purchase))
    return lambda: scene.tell(dispute_event(purchase, "won"))


def _fraud_warning(scene: FindingScene) -> Repair:
    purchase = scene.buy()
    warning = {"id": f"issfr_{purchase.order_id.hex}", "payment_intent": purchase.payment_id, "charge": "ch_1"}
    scene.tell(object_event("radar.early_fraud_warning.created", warning))
    return lambda: scene.tell(refund_event(purchase))


def _books_differ(scene: FindingScene) -> Repair:
    """A payment in the books whose event has not come."""
    _, purchase = scene.place()
    entry = BookEntry(
        transaction_id=f"txn_{purchase.order_id.hex}",
        kind="payment",
        object_id=f"ch_{purchase.order_id.hex}",
        payment_id=purchase.payment_id,
        order_id=None,
        amount=purchase.amount,
        currency="SEK",
        fee_amount=929,
        settled_amount=purchase.amount,
        settled_currency="SEK",
        booked_at=datetime.now(UTC) - timedelta(hours=3),
    )
    scene.books.entries.append(entry)
    scene.run(CompareBooks())

    def tell_late_and_compare() -> None:
        scene.tell(make_event(purchase))
        scene.run(CompareBooks())

    return tell_late_and_compare


def _event_dead(scene: FindingScene) -> Repair:
    _, purchase = scene.place()
    scene.webhooks.store(make_event(purchase))
    scene.kill_job()
    event_id = scene.finding_subject(Kind.EVENT_DEAD)

    def replay() -> None:
        scene.aula.done("webhooks", "replay", event_id, "--reason", REASON)
        scene.runner.run_due()

    return replay


def _job_dead(scene: FindingScene) -> Repair:
    _, purchase = scene.place()
    scene.webhooks.deliver(make_event(purchase))
    job_id = scene.kill_job()

    def replay() -> None:
        scene.aula.done("jobs", "replay", job_id, "--reason", REASON)
        scene.runner.run_due()

    return replay


def _room_missing(scene: FindingScene) -> Repair:
    # Those of causes before.
    scene.do("update app.seminars set state = 'closed', closed_at = now()")
    now = datetime.now(UTC)
    scene.api.seminar(starts_at=now + timedelta(minutes=5), ends_at=now + timedelta(minutes=65))
    with scene.sessions.begin() as session:
        advance(session, now)
    # LiveKit is not there.
    scene.do("delete from app.jobs where kind = 'seminars.provision'")
    return lambda: scene.do("update app.seminars set state = 'provisioned' where state = 'published'")


def _check_failed(scene: FindingScene) -> Repair:
    purchase = scene.buy()
    change = "update app.payments set amount = amount + :by where order_id = :id"
    scene.do(change, by=1, id=purchase.order_id)
    scene.run(CheckInvariants())

    def mend_and_check_everything() -> None:
        scene.do(change, by=-1, id=purchase.order_id)
        scene.run(CheckInvariants(whole=True))

    return mend_and_check_everything


FINDING_CAUSES: Final[Mapping[Kind, FindingCause]] = {
    Kind.SECOND_PAYMENT: FindingCause(_second_payment, "refunded"),
    Kind.PAYMENT_MISMATCH: FindingCause(_payment_mismatch, "refunded"),
    Kind.CLOSED_ORDER_PAID: FindingCause(_closed_order_paid, "refunded"),
    Kind.ERASED_BUYER_PAID: FindingCause(_erased_buyer_paid, "refunded"),
    Kind.PAYMENT_OF_ANOTHER_ORDER: FindingCause(_payment_of_another_order, None),
    Kind.MONEY_IGNORED: FindingCause(_money_ignored, "resolved"),
    Kind.COURSE_ALREADY_OWNED: FindingCause(_course_already_owned, "resolved"),
    Kind.REFUND_FAILED: FindingCause(_refund_failed, "refunded"),
    Kind.DISPUTE_OPEN: FindingCause(_dispute_open, "resolved"),
    Kind.FRAUD_WARNING: FindingCause(_fraud_warning, "refunded"),
    Kind.BOOKS_DIFFER: FindingCause(_books_differ, "resolved"),
    Kind.EVENT_DEAD: FindingCause(_event_dead, "resolved"),
    Kind.JOB_DEAD: FindingCause(_job_dead, "resolved"),
    Kind.CHECK_FAILED: FindingCause(_check_failed, "resolved"),
    Kind.ROOM_MISSING: FindingCause(_room_missing, "resolved"),
}
