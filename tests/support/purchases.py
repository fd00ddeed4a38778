"""Make many purchases in few statements: buyers, pending orders, and the Stripe events that pay them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_CATALOGUE = text("""
with teacher as (
    insert into app.profiles (email, password_hash, display_name, role)
    values ('teacher-' || gen_random_uuid() || '@aula.example', '!', 'Teacher', 'teacher') returning id
), course as (
    insert into app.courses (teacher_id, title, price_amount, currency, state, published_at)
    select id, 'Course ' || n, 49900, 'SEK', 'published', now() from teacher, generate_series(1, 5) n returning id
)
insert into app.services (teacher_id, title, duration_minutes, price_amount, currency, state, published_at)
select id, 'Service', 60, 80000, 'SEK', 'published', now() from teacher
""")

# `:what` is what each order contains: `course`, `service`, or `mixed` for one of both.
_ORDERS = text("""
with buyer as (
    insert into app.profiles (email, password_hash, display_name, email_proven_at)
    select 'buyer-' || gen_random_uuid() || '@aula.example', '!', 'Buyer', now() from generate_series(1, :count)
    returning id
), placed as (
    insert into app.orders (profile_id, total_amount, currency, expires_at)
    select id, case :what when 'course' then 49900 when 'service' then 80000 else 129900 end, 'SEK',
           now() + interval '1 hour'
    from buyer returning id, total_amount
), item as (
    insert into app.order_items (order_id, course_id, service_id, title, unit_amount)
    select p.id, c.id, null, c.title, c.price_amount
    from placed p, (select * from app.courses order by id limit 1) c where :what <> 'service'
    union all
    select p.id, null, s.id, s.title, s.price_amount
    from placed p, (select * from app.services order by id limit 1) s where :what <> 'course'
)
select id, total_amount from placed
""")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A pending order and its ids at Stripe."""

    order_id: UUID
    amount: int

    @property
    def session_id(self) -> str:
        return f"cs_test_{self.order_id.hex}"

    @property
    def payment_id(self) -> str:
        return f"pi_{self.order_id.hex}"

    @property
    def event_id(self) -> str:
        return f"evt_{self.order_id.hex}"


def place_orders(session: Session, count: int, what: str = "course") -> Sequence[Purchase]:
    """Insert `count` pending orders, each of a new buyer, in the caller's transaction."""
    if not session.scalar(text("select exists (select from app.courses)")):
        session.execute(_CATALOGUE)
    return [Purchase(*row) for row in session.execute(_ORDERS, {"count": count, "what": what})]


def paid_event(purchase: Purchase, **changes: object) -> bytes:
    """The body of `checkout.session.completed`, as long as a real one; `changes` are set on its object."""
    event_id = changes.pop("event_id", purchase.event_id)
    checkout = {
        "id": purchase.session_id,
        "object": "checkout.session",
        "amount_subtotal": purchase.amount,
        "amount_total": purchase.amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": None,
        "client_reference_id": str(purchase.order_id),
        "currency": "sek",
        "customer_details": {"email": "buyer@aula.example", "name": "Buyer", "phone": None, "tax_exempt": "none"},
        "livemode": False,
        "metadata": {"order_id": str(purchase.order_id)},
        "mode": "payment",
        "payment_intent": purchase.payment_id,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card", "klarna", "paypal"],
        "payment_status": "paid",
        "phone_number_collection": {"enabled": False},
        "presentment_details": None,
        "shipping_options": [],
        "status": "complete",
        "success_url": "https://aula.example/orders/" + str(purchase.order_id),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "description": "Aula " * 120,
    }
    event = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_790_000_000,
        "data": {"object": {**checkout, **changes}},
        "livemode": bool(changes.get("livemode", False)),
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "checkout.session.completed",
    }
    return json.dumps(event).encode()
