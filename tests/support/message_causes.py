"""For each message, a state of the database in which its handler has something to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.messages import (
    AskCheckout,
    CheckInvariants,
    CloseCheckout,
    DerivePayments,
    ExpireOrders,
    FulfilOrder,
    GrantEnrollment,
    Message,
    ProcessWebhook,
    Prune,
    ReconcilePayments,
    ReportFindings,
    RevokeEnrollments,
    SealAudit,
    SendMail,
)
from core.webhooks.parse import StripeEvent
from tests.support.fake_gateway import FakeGateway, fetched_session
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    dispute_event,
    expired_event,
    failed_event,
    make_event,
    refund_event,
    unpaid_event,
)

_MAIL = """
with reader as (
    insert into app.profiles (email, password_hash, display_name)
    values (gen_random_uuid() || '@aula.example', '!', 'Reader') returning id
)
insert into app.mail_messages (dedupe_key, template, profile_id) select 'register:' || id, 'register', id from reader
returning id
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a cause makes its state."""

    webhooks: WebhookHarness
    gateway: FakeGateway = field(default_factory=FakeGateway)

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.webhooks.sessions

    def paid(self) -> Purchase:
        """A paid order for a course and a service; its job to fulfil it is gone."""
        purchase = self.webhooks.place_order("mixed")
        self.webhooks.deliver(make_event(purchase))
        self.forget_jobs()
        return purchase

    def fulfilled(self) -> Purchase:
        purchase = self.webhooks.place_order("mixed")
        self.webhooks.deliver(make_event(purchase))
        self.webhooks.run_jobs()
        self.forget_jobs()
        return purchase

    def forget_jobs(self) -> None:
        do(self.sessions, "delete from app.jobs")

    def id_of(self, statement: str, **params: object) -> UUID:
        return UUID(str(value(self.sessions, statement, **params)))


def _stored(scene: Scene, event: StripeEvent) -> Message:
    scene.webhooks.store(event)
    scene.forget_jobs()
    return ProcessWebhook(event_id=scene.id_of("select id from app.webhook_events where state = 'received'"))


def _about(make: Callable[[Purchase], StripeEvent]) -> Callable[[Scene], Message]:
    return lambda scene: _stored(scene, make(scene.webhooks.place_order("mixed")))


def _about_fulfilled(make: Callable[[Purchase], StripeEvent]) -> Callable[[Scene], Message]:
    return lambda scene: _stored(scene, make(scene.fulfilled()))


def _grant(scene: Scene) -> Message:
    purchase = scene.paid()
    do(scene.sessions, "update app.orders set state = 'fulfilled', fulfilled_at = now()")
    item = """
    select id from app.order_items where order_id = :id and course_id is not null
    """
    return GrantEnrollment(order_item_id=scene.id_of(item, id=purchase.order_id))


def _revoke(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    do(scene.sessions, "update app.orders set state = 'refunded'")
    return RevokeEnrollments(order_id=purchase.order_id)


def _derive(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    scene.webhooks.deliver(refund_event(purchase))
    scene.forget_jobs()
    return DerivePayments(order_id=purchase.order_id)


def _expire(scene: Scene) -> Message:
    scene.webhooks.place_order()
    do(scene.sessions, "update app.orders set expires_at = now() - interval '1 minute'")
    return ExpireOrders()


def _reconcile(scene: Scene) -> Message:
    scene.webhooks.place_order()
    do(scene.sessions, "update app.checkouts set expires_at = now() - interval '1 day'")
    return ReconcilePayments()


def _ask(scene: Scene) -> Message:
    purchase = scene.webhooks.place_order()
    scene.gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    return AskCheckout(session_id=purchase.session_id)


def _close(scene: Scene) -> Message:
    purchase = scene.webhooks.place_order()
    scene.gateway.answers[purchase.session_id] = fetched_session(purchase, "expired")
    return CloseCheckout(session_id=purchase.session_id)


def _mail(scene: Scene) -> Message:
    with scene.sessions.begin() as session:
        return SendMail(mail_id=session.execute(text(_MAIL)).scalar_one())


def _report(scene: Scene) -> Message:
    with scene.sessions.begin() as session:
        open_findings(session, [NewFinding(Kind.MONEY_IGNORED, uuid4())])
    return ReportFindings()


def _seal(scene: Scene) -> Message:
    scene.fulfilled()
    return SealAudit()


def _check(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    for status in ("needs_response", "won"):
        scene.webhooks.deliver(dispute_event(purchase, status))
        scene.webhooks.run_jobs()
    scene.forget_jobs()
    return CheckInvariants()


def _prune(scene: Scene) -> Message:
    scene.webhooks.deliver(make_event(scene.webhooks.place_order()))
    scene.webhooks.run_jobs()
    # Ids begin with the time: these are of the year 2004.
    do(
        scene.sessions,
        """
        update app.jobs
        set id = cast('01000000-0000-7000-8000-' || right(cast(id as text), 12) as uuid),
            finished_at = now() - interval '1 year'
        """,
    )
    return Prune()


Cause = Callable[[Scene], Message]
# By kind of message, and for events by their own kind.
CAUSES: Final[Mapping[str, Cause]] = {
    "webhooks.process checkout_paid": _about(make_event),
    "webhooks.process checkout_pending": _about(unpaid_event),
    "webhooks.process checkout_failed": _about(failed_event),
    "webhooks.process checkout_expired": _about(expired_event),
    "webhooks.process refund": _about_fulfilled(refund_event),
    "webhooks.process dispute": _about_fulfilled(dispute_event),
    "webhooks.process a second payment": _about_fulfilled(
        lambda purchase: make_event(purchase, payment_intent=f"pi_second_{purchase.order_id.hex}")
    ),
    FulfilOrder.kind: lambda scene: FulfilOrder(order_id=scene.paid().order_id),
    GrantEnrollment.kind: _grant,
    RevokeEnrollments.kind: _revoke,
    DerivePayments.kind: _derive,
    ExpireOrders.kind: _expire,
    ReconcilePayments.kind: _reconcile,
    AskCheckout.kind: _ask,
    CloseCheckout.kind: _close,
    SendMail.kind: _mail,
    ReportFindings.kind: _report,
    SealAudit.kind: _seal,
    CheckInvariants.kind: _check,
    Prune.kind: _prune,
}
