"""Erase an account: `begin` in one transaction, the provider is asked in none, `erase` in another.

Money that is on its way needs its buyer, so an account with such an order is not erased yet. The provider is asked
about every open checkout first: its buyer may have paid a moment ago.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from core.accounts.profile import confirm_password, profile_of
from core.accounts.profile import erase as erase_profile
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CloseCheckout, RedactEvents
from core.orders.cancel import cancel
from core.ports.payments import FetchedSession
from core.privacy.problems import ErasureWaits
from core.seminars.cancel import cancel_all
from core.seminars.seats import release_all
from db.models import Checkout, MailMessage, Order, Profile

# Each takes a call to the provider while the caller waits.
MAX_ASKED: Final = 20
# Orders that are neither unpaid nor ended: a bank debit takes days, a fulfilment seconds.
_RETRY_AFTER: Final = {"processing": timedelta(days=1), "paid": timedelta(seconds=5)}
_UNFINISHED: Final = ("pending", *_RETRY_AFTER)
_ASK_AGAIN: Final = timedelta(hours=1)


def begin(session: Session, profile_id: UUID, password: str) -> Sequence[str]:
    """Check the password, and return the checkout sessions that the provider must be asked about.

    Raises Unauthorized, PasswordWrong or ErasureWaits.
    """
    confirm_password(profile_of(session, profile_id), password)
    _refuse_unfinished(session.scalars(select(Order).where(_unfinished(profile_id))).all())
    sessions = session.scalars(_open_checkouts(profile_id).limit(MAX_ASKED + 1)).all()
    if len(sessions) > MAX_ASKED:
        raise ErasureWaits(
            f"More than {MAX_ASKED} checkouts are open. Cancel the orders, or wait until they have expired.",
            retry_after=_seconds(_ASK_AGAIN),
        )
    return sessions


def refuse_paid(fetched: FetchedSession) -> None:
    """Raise ErasureWaits when the provider says that a payment of this checkout has begun."""
    if fetched.payment_begun:
        raise ErasureWaits(
            f"A payment of order {fetched.order_id} has begun; the order shows soon what became of it.",
            retry_after=_seconds(_RETRY_AFTER["paid"]),
        )


def erase(session: Session, profile_id: UUID, now: datetime) -> None:
    """Cancel the orders that are open, close their checkouts, and erase the account and what was written about it.

    Orders, payments and enrollments stay, for bookkeeping, without personal data. Raises Unauthorized or ErasureWaits.
    """
    # Orders are locked before their buyer, as events about payments do; the buyer's lock keeps new orders out.
    orders = session.scalars(select(Order).where(_unfinished(profile_id)).order_by(Order.id).with_for_update()).all()
    _refuse_unfinished(orders)
    session.execute(select(Profile.id).where(Profile.id == profile_id).with_for_update())
    if session.scalar(select(func.count()).where(_unfinished(profile_id))) != len(orders):
        raise ErasureWaits("An order was placed at the same moment.", retry_after=1)
    for order in orders:
        cancel(session, order.id, profile_id)
    for session_id in session.scalars(_open_checkouts(profile_id)):
        enqueue(session, NewJob(message=CloseCheckout(session_id=session_id), dedupe_key=f"checkout:{session_id}"))
    cancel_all(session, profile_id, "The teacher has left.", now)
    release_all(session, profile_id)
    erase_profile(session, profile_id, now)
    session.execute(update(MailMessage).where(MailMessage.profile_id == profile_id).values(params={}))
    # Ids are ordered by time, so no event about the buyer is older than the first order.
    if first := session.scalar(select(Order.id).where(Order.profile_id == profile_id).order_by(Order.id).limit(1)):
        enqueue(session, RedactEvents(after=first))


def _unfinished(profile_id: UUID) -> ColumnElement[bool]:
    return (Order.profile_id == profile_id) & Order.state.in_(_UNFINISHED)


def _open_checkouts(profile_id: UUID) -> Select[str]:
    return (
        select(Checkout.session_id)
        .join(Order, Order.id == Checkout.order_id)
        .where(Order.profile_id == profile_id, Checkout.closed_at.is_(None))
        .where(Order.state.in_(("pending", "expired", "cancelled")))
        .order_by(Checkout.id)
    )


def _refuse_unfinished(orders: Sequence[Order]) -> None:
    for order in orders:
        if order.state == "processing":
            raise ErasureWaits(
                f"A payment of order {order.id} is on its way; a bank debit takes up to 14 days. "
                "Erase the account when it has arrived or failed.",
                retry_after=_seconds(_RETRY_AFTER[order.state]),
            )
        if order.state == "paid":
            raise ErasureWaits(
                f"Order {order.id} is being fulfilled; try again in a moment.",
                retry_after=_seconds(_RETRY_AFTER[order.state]),
            )


def _seconds(wait: timedelta) -> int:
    return int(wait.total_seconds())
