"""Check every purchase: it was paid, fulfilled, mailed and audited exactly once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.audit.seal import seal
from core.audit.verify import verify
from core.mail.send import MESSAGE_ID_DOMAIN
from core.maintenance.check import violations
from core.outcomes import Done
from tests.chaos.deployment import Deployment
from tests.support.purchases import Purchase

# Each column counts rows of one order; _ONCE, _NEVER and _PER_COURSE give the expected counts.
_PURCHASES = text("""
with requested as (select unnest(cast(:orders as uuid[])) as id),
item as (
    select i.* from app.order_items i join requested w on w.id = i.order_id
),
paid as (
    select order_id, count(*) as rows, count(*) filter (where state = 'succeeded') as succeeded
    from app.payments group by 1
),
delivered as (
    select i.order_id, count(e.id) filter (where e.state = 'active') as enrolled, count(i.course_id) as courses,
           count(i.service_id) as services
    from item i left join app.enrollments e on e.order_item_id = i.id group by 1
),
owned as (select profile_id, count(*) as enrolled from app.enrollments group by 1),
booked as (select order_id, count(*) as services from app.service_orders where state = 'booked' group by 1),
mailed as (
    select coalesce(i.order_id, cast(m.params ->> 'order_id' as uuid)) as order_id,
           count(*) filter (where m.template = 'receipt') as receipts,
           count(*) filter (where m.template = 'access') as accesses,
           count(*) filter (where m.state <> 'sent') as unsent
    from app.mail_messages m left join item i on m.dedupe_key = 'access:' || i.id group by 1
),
audited as (
    select a.subject_id as id, count(*) filter (where tag = 'stripe:order:paid') as paid,
           count(*) filter (where tag = 'orders:order:fulfilled') as fulfilled
    from app.audit_events a group by 1
),
granted as (
    select i.order_id, count(*) as entries
    from app.audit_events a join item i on a.data ->> 'order_item_id' = cast(i.id as text)
    where a.tag = 'enrollments:enrollment:granted' group by 1
),
event as (
    select cast(data ->> 'order_id' as uuid) as order_id, count(*) filter (where outcome = 'paid') as paid,
           count(*) filter (where state <> 'processed') as unprocessed
    from app.webhook_events group by 1
),
job as (
    select cast(payload ->> 'order_id' as uuid) as order_id, count(*) as fulfilments
    from app.jobs where kind = 'orders.fulfil' group by 1
)
select o.id, o.state, courses, delivered.services,
       paid.succeeded as "payments that succeeded", paid.rows as payments,
       delivered.enrolled as enrollments, coalesce(owned.enrolled, 0) as "enrollments of the buyer",
       coalesce(booked.services, 0) as "booked services",
       mailed.receipts, mailed.accesses as "access mails", mailed.unsent as "mails not sent",
       audited.paid as "audit entries of the payment", audited.fulfilled as "audit entries of the fulfilment",
       coalesce(granted.entries, 0) as "audit entries of grants",
       event.paid as "payment events applied", event.unprocessed as "events not processed",
       job.fulfilments as "fulfil jobs"
from requested w
join app.orders o on o.id = w.id
left join delivered on delivered.order_id = o.id
left join paid on paid.order_id = o.id
left join owned on owned.profile_id = o.profile_id
left join booked on booked.order_id = o.id
left join mailed on mailed.order_id = o.id
left join audited on audited.id = o.id
left join granted on granted.order_id = o.id
left join event on event.order_id = o.id
left join job on job.order_id = o.id
""")

_ONCE = (
    "payments that succeeded",
    "payments",
    "receipts",
    "audit entries of the payment",
    "audit entries of the fulfilment",
    "payment events applied",
    "fulfil jobs",
)
_NEVER = ("mails not sent", "events not processed")
_PER_COURSE = ("enrollments", "enrollments of the buyer", "access mails", "audit entries of grants")


@dataclass(frozen=True, slots=True)
class Report:
    """The result. `duplicate_emails` counts emails that the mail server received again with the same Message-ID."""

    purchases: int
    discrepancies: Sequence[str]
    duplicate_emails: int
    most_attempts: int


def account_for(deployment: Deployment, purchases: Sequence[Purchase]) -> Report:
    """Check each purchase, all jobs, the audit chain and the emails that the mail server received."""
    with deployment.sessions.begin() as session:
        audit_discrepancies = _check_audit_chain(session)
    with deployment.sessions() as session:
        emails = _received_emails(deployment, session)
        discrepancies = [
            *_check_purchases(session, purchases),
            *_check_jobs(session),
            *_check_emails(session, emails),
            *audit_discrepancies,
            *(f"{name}: {times}" for name, times in violations(session, 0).items()),
        ]
        most = session.scalar(text("select max(attempts) from app.jobs")) or 0
    return Report(len(purchases), discrepancies, emails.total() - len(emails), most)


def check_all_fulfilled(deployment: Deployment, purchases: Sequence[Purchase]) -> Report:
    """Assert that every purchase was fulfilled exactly once; returns the report."""
    report = account_for(deployment, purchases)
    assert report.discrepancies == []
    return report


def _check_purchases(session: Session, purchases: Sequence[Purchase]) -> Iterable[str]:
    orders = [purchase.order_id for purchase in purchases]
    rows = session.execute(_PURCHASES, {"orders": orders}).mappings().all()
    if len(rows) != len(set(orders)):
        yield f"{len(set(orders)) - len(rows)} orders are missing"
    for row in rows:
        yield from _check_purchase(row)


def _check_purchase(found: RowMapping) -> Iterable[str]:
    if found["state"] != "fulfilled":
        yield f"order {found['id']} is {found['state']}"
    expected = {
        **dict.fromkeys(_ONCE, 1),
        **dict.fromkeys(_NEVER, 0),
        **dict.fromkeys(_PER_COURSE, found["courses"]),
        "booked services": found["services"],
    }
    for name, times in expected.items():
        if found[name] != times:
            yield f"order {found['id']}: {name}: {found[name]}, not {times}"


def _check_jobs(session: Session) -> Iterable[str]:
    unfinished = text("select kind, state, count(*) from app.jobs where state <> 'succeeded' group by 1, 2")
    yield from (f"{number} jobs {kind} are {state}" for kind, state, number in session.execute(unfinished))
    # One job for each cause: an event, an enrollment, an email.
    causes = text("""
        select kind, count(*) as jobs, (case kind
            when 'webhooks.process' then (select count(*) from app.webhook_events)
            when 'enrollments.grant' then (select count(*) from app.enrollments)
            when 'mail.send' then (select count(*) from app.mail_messages) end) as causes
        from app.jobs where kind in ('webhooks.process', 'enrollments.grant', 'mail.send') group by 1
    """)
    for kind, jobs, number in session.execute(causes):
        if jobs != number:
            yield f"{jobs} jobs {kind} for {number} causes"


def _received_emails(deployment: Deployment, session: Session) -> Counter[str]:
    """How often the mail server received each email of this deployment, by Message-ID."""
    own = {f"<{mail_id}@{MESSAGE_ID_DOMAIN}>" for mail_id in session.scalars(text("select id from app.mail_messages"))}
    return Counter(email.message_id for email in deployment.services.mailbox.emails() if email.message_id in own)


def _check_emails(session: Session, emails: Counter[str]) -> Iterable[str]:
    for mail_id, dedupe_key in session.execute(text("select id, dedupe_key from app.mail_messages")):
        if not emails[f"<{mail_id}@{MESSAGE_ID_DOMAIN}>"]:
            yield f"{dedupe_key} never reached the mail server"
    audited = text("""
        select m.dedupe_key, count(a.id) from app.mail_messages m
        left join app.audit_events a on a.subject_id = m.id and a.tag = 'mail:mail:sent'
        group by 1 having count(a.id) <> 1
    """)
    yield from (
        f"{dedupe_key}: {number} audit entries of the sending" for dedupe_key, number in session.execute(audited)
    )


def _check_audit_chain(session: Session) -> Iterable[str]:
    while seal(session) != Done({"sealed": 0}):
        pass
    result = verify(session)
    entries = session.scalar(text("select count(*) from app.audit_events"))
    if result.fault or result.entries != entries:
        return [f"audit chain: {result.entries} of {entries} entries, {result.fault or 'no fault'}"]
    return []
