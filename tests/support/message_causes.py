"""For each message, a state of the database in which its handler has something to do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import orjson
from sqlalchemy import text

from core.audit.seal import seal
from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.messages import (
    AnchorAudit,
    AskCheckout,
    CheckInvariants,
    CloseCheckout,
    CompareBooks,
    CreateRefund,
    DerivePayments,
    ExpireOrders,
    ExportData,
    FetchObject,
    FulfilOrder,
    GrantEnrollment,
    GrantGifts,
    Message,
    ProcessWebhook,
    Prune,
    ReconcilePayments,
    RedactEvents,
    RedactLateEvents,
    ReportFindings,
    RevokeEnrollments,
    RunReplay,
    SealAudit,
    SendMail,
    SweepEvents,
)
from core.payments import compare
from core.ports.books import BookEntry
from core.privacy import redact
from core.refunds.intent import Asker, request_refund
from core.refunds.money import covering, money_of
from core.webhooks import sweep
from tests.support.event_causes import EVENT_CAUSES
from tests.support.fake_gateway import fetched_session
from tests.support.jobs import do
from tests.support.replays import start_replay, store_failed
from tests.support.scene import Cause, Scene
from tests.support.seminar_causes import SEMINAR_CAUSES
from tests.support.webhook_harness import charge_event, dispute_event, expired_event, make_event, refund_event

_MAIL = """
with reader as (
    insert into app.profiles (email, password_hash, display_name)
    values (gen_random_uuid() || '@aula.example', '!', 'Reader') returning id
)
insert into app.mail_messages (dedupe_key, template, profile_id) select 'register:' || id, 'register', id from reader
returning id
"""

# To the buyer of an order.
_GIFT = """
insert into app.gifts (course_id, email, given_by)
select c.id, p.email, c.teacher_id
from (select id, teacher_id from app.courses order by id limit 1) c, app.profiles p
join app.orders o on o.profile_id = p.id
"""


def _grant(scene: Scene) -> Message:
    purchase = scene.paid()
    do(scene.sessions, "update app.orders set state = 'fulfilled', fulfilled_at = now()")
    item = """
    select id from app.order_items where order_id = :id and course_id is not null
    """
    return GrantEnrollment(order_item_id=scene.id_of(item, id=purchase.order_id))


def _export(scene: Scene) -> Message:
    scene.paid()
    asked = """
    insert into app.exports (profile_id, requested_at) select profile_id, now() from app.orders limit 1 returning id
    """
    with scene.sessions.begin() as session:
        return ExportData(export_id=session.execute(text(asked)).scalar_one())


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


def _anchor(scene: Scene) -> Message:
    scene.fulfilled()
    with scene.sessions.begin() as session:
        seal(session)
    return AnchorAudit()


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


def _create_refund(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    with scene.sessions.begin() as session:
        paid = covering(money_of(session, purchase.order_id))
        assert paid is not None
        asker = Asker(scene.buyer_of(purchase), "buyer", "not for me")
        refund, _ = request_refund(session, paid, paid.amount, [], asker, datetime.now(UTC))
        refund_id = refund.id
    scene.forget_jobs()
    return CreateRefund(refund_id=refund_id)


def _grant_gifts(scene: Scene) -> Message:
    scene.webhooks.place_order()
    do(scene.sessions, _GIFT)
    return GrantGifts()


def _fetch(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    charge_id = f"ch_{purchase.order_id.hex}"
    charge, refund = (scene.object_of(event) for event in (charge_event(purchase), refund_event(purchase)))
    scene.books.objects[charge_id] = [{**charge, "object": "charge"}, {**refund, "object": "refund"}]
    return FetchObject(object_kind="charge", object_id=charge_id)


def _sweep(scene: Scene) -> Message:
    """More events than one job reads."""
    lost = [make_event(scene.webhooks.place_order()) for _ in range(sweep.PAGES + 1)]
    scene.books.events += [orjson.loads(event.body) for event in lost]
    return SweepEvents()


def _compare(scene: Scene) -> Message:
    """A payment that is not known here, in a whole day of the books."""
    purchase, booked_at = scene.webhooks.place_order(), datetime.now(UTC) - timedelta(hours=3)
    booked = BookEntry(
        transaction_id=f"txn_{purchase.order_id.hex}",
        kind="payment",
        object_id=f"ch_{purchase.order_id.hex}",
        payment_id=purchase.payment_id,
        order_id=str(purchase.order_id),
        amount=purchase.amount,
        currency="SEK",
        fee_amount=929,
        settled_amount=purchase.amount,
        settled_currency="SEK",
        booked_at=booked_at,
    )
    scene.books.entries.append(booked)
    return CompareBooks()


def _compare_many(scene: Scene) -> Message:
    """More entries than one job reads."""
    for _ in range(compare.PAGES + 1):
        _compare(scene)
    return CompareBooks()


def _redact(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    do(scene.sessions, "update app.profiles set erased_at = now() where id = :id", id=scene.buyer_of(purchase))
    return RedactEvents(after=purchase.order_id)


def _redact_many(scene: Scene) -> Message:
    """As many events as one job examines."""
    purchase = scene.webhooks.place_order()
    scene.webhooks.store(*[expired_event(purchase) for _ in range(redact.BATCH)])
    scene.forget_jobs()
    return RedactEvents(after=purchase.order_id)


def _replay(scene: Scene) -> Message:
    store_failed(scene.sessions, 2)
    replay_id = start_replay(scene.sessions, 2, 1)
    do(scene.sessions, "delete from app.jobs where kind = 'replays.run'")
    return RunReplay(
        replay_id=replay_id, step=scene.number_of("select step from app.replays where id = :id", id=replay_id)
    )


# By kind of message, and for events by their own kind.
CAUSES: Final[Mapping[str, Cause]] = {
    **{f"{ProcessWebhook.kind} {kind}": cause for kind, cause in EVENT_CAUSES.items()},
    FetchObject.kind: _fetch,
    SweepEvents.kind: _sweep,
    FulfilOrder.kind: lambda scene: FulfilOrder(order_id=scene.paid().order_id),
    GrantEnrollment.kind: _grant,
    GrantGifts.kind: _grant_gifts,
    RevokeEnrollments.kind: _revoke,
    DerivePayments.kind: _derive,
    CreateRefund.kind: _create_refund,
    ExpireOrders.kind: _expire,
    ReconcilePayments.kind: _reconcile,
    AskCheckout.kind: _ask,
    CloseCheckout.kind: _close,
    CompareBooks.kind: _compare,
    f"{CompareBooks.kind} in parts": _compare_many,
    SendMail.kind: _mail,
    ReportFindings.kind: _report,
    RunReplay.kind: _replay,
    SealAudit.kind: _seal,
    AnchorAudit.kind: _anchor,
    RedactEvents.kind: _redact,
    f"{RedactEvents.kind} in parts": _redact_many,
    RedactLateEvents.kind: lambda _scene: RedactLateEvents(),
    ExportData.kind: _export,
    **SEMINAR_CAUSES,
    CheckInvariants.kind: _check,
    Prune.kind: _prune,
}
