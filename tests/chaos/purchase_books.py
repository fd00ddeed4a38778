"""What must be true of all purchases when nothing is late, lost or due any more."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.chaos.purchase_rules import broken_rules
from tests.chaos.stripe_thread import StripeThread

_REFUNDS: Final = {"requires_action": "pending", "canceled": "cancelled"}
_DISPUTES: Final = {"won": "won", "warning_closed": "won", "lost": "lost"}
Books = Mapping[str, object]

_PAYMENTS = text("select provider_payment_id, amount from app.payments where state = 'succeeded'")
_MONEY_BACK = text("""
select provider_refund_id, provider_payment_id, amount, state from app.refunds where provider_refund_id is not null
union all
select provider_dispute_id, provider_payment_id, amount, state from app.disputes
""")
_UNFINISHED = text("""
select 'order ' || o.id || ' is still ' || o.state
from app.orders o join app.profiles b on b.id = o.profile_id
where o.state in ('pending', 'processing') or (o.state = 'paid' and b.erased_at is null)
union all
select 'refund ' || id || ' is still ' || state from app.refunds where state = 'requested'
union all
select 'job ' || kind || ' is ' || state || ': ' || coalesce(last_error, '') from app.jobs where state <> 'succeeded'
union all
select 'event ' || type || ' is ' || state from app.webhook_events where state in ('received', 'dead')
union all
select 'email ' || m.dedupe_key || ' is ' || m.state
from app.mail_messages m join app.profiles b on b.id = m.profile_id
where m.state <> 'sent' and b.erased_at is null
union all
select 'the books differ: ' || cast(details as text) from app.findings where kind = 'books_differ' and closed_at is null
""")
# Money that is here and buys nothing: all of an order's payments but the one that covers it.
_WITHOUT_FINDING = text("""
with kept as (
    select p.id, p.order_id, o.state,
           p.accepted_at is not null or (p.amount = o.total_amount and p.currency = o.currency) as matches
    from app.payments p join app.orders o on o.id = p.order_id
    where p.state = 'succeeded'
      and p.amount > coalesce((select sum(r.amount) from app.refunds r
                               where r.provider_payment_id = p.provider_payment_id
                                 and r.state in ('requested', 'pending', 'succeeded')), 0)
      and not exists (select from app.disputes d
                      where d.provider_payment_id = p.provider_payment_id and d.state in ('open', 'lost'))
),
surplus as (
    select order_id, count(*) filter (where not (matches and state = 'fulfilled'))
                     + greatest(count(*) filter (where matches and state = 'fulfilled') - 1, 0) as payments
    from kept group by 1
)
select 'order ' || s.order_id || ' has ' || s.payments || ' payments that buy nothing, without a finding'
from surplus s
where s.payments > 0
  and not exists (select from app.findings f
                  where f.order_id = s.order_id and (f.closed_at is null or f.resolution = 'dismissed'))
""")
_TWICE = text("""
select 'email ' || template || ' twice for ' || params from app.mail_messages
-- An erased reader's emails have no parameters any more. An order that was reopened expires again.
where params <> '{}' and template not in ('access', 'expired') group by template, params, profile_id having count(*) > 1
union all
select 'enrollment ' || subject_id || ' granted ' || granted || ' and revoked ' || revoked || ' times'
from (select subject_id, count(*) filter (where tag = 'enrollments:enrollment:granted') as granted,
             count(*) filter (where tag = 'enrollments:enrollment:revoked') as revoked
      from app.audit_events where tag like 'enrollments:%' group by 1) one
where granted - revoked not in (0, 1)
""")


def discrepancies(session: Session, stripe: StripeThread) -> list[str]:
    """Everything that is wrong, as sentences."""
    found = [*broken_rules(session), *_against_stripe(session, stripe)]
    for statement in (_UNFINISHED, _WITHOUT_FINDING, _TWICE):
        found += session.scalars(statement)
    return found


def _against_stripe(session: Session, stripe: StripeThread) -> Iterator[str]:
    """What differs from Stripe's books."""
    ours = {row[0]: tuple(row[1:]) for statement in (_PAYMENTS, _MONEY_BACK) for row in session.execute(statement)}
    theirs = _stripe_books(stripe)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield f"{name} is {theirs.get(name)} in Stripe's books, {ours.get(name)} in ours"


def _stripe_books(stripe: StripeThread) -> Books:
    payments = {one["id"]: (one["amount_received"],) for one in stripe.objects("payment_intent") if _has_paid(one)}
    refunds = {one["id"]: _money_back(one, _REFUNDS, one["status"]) for one in stripe.objects("refund")}
    disputes = {one["id"]: _money_back(one, _DISPUTES, "open") for one in stripe.objects("dispute")}
    return {**payments, **refunds, **disputes}


def _has_paid(intent: Mapping[str, Any]) -> bool:
    return intent["status"] == "succeeded"


def _money_back(one: Mapping[str, Any], states: Mapping[str, str], otherwise: str) -> tuple[object, ...]:
    return one["payment_intent"], one["amount"], states.get(one["status"], otherwise)
