"""Change offers. Another teacher's offer is answered as not found."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.offers.prices import check_price
from core.offers.states import OfferEvent, next_state
from core.problems import Conflict, NotFound
from db.models import Course, Service

Offer = TypeVar("Offer", Course, Service)


class OfferStateConflict(Conflict):
    """The offer's state does not allow this event."""

    code = "offer_state"


def own_offer(session: Session, kind: type[Offer], offer_id: UUID, teacher_id: UUID) -> Offer:
    """The teacher's own offer, locked for a change. Raises NotFound."""
    statement = select(kind).where(kind.id == offer_id, kind.teacher_id == teacher_id).with_for_update()
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"You have no {kind.__name__.lower()} {offer_id}.")
    return found


def apply_changes(session: Session, offer: Offer, changes: Mapping[str, object]) -> None:
    """Set the named fields. Raises PriceNotAllowed if a new price, or its currency, is not allowed."""
    for name, value in changes.items():
        setattr(offer, name, value)
    priced = [name for name in ("price_amount", "currency") if name in changes]
    if priced:
        check_price(offer.price_amount, offer.currency, field=priced[0])
    session.flush()


def change_state(session: Session, offer: Offer, event: OfferEvent, now: datetime) -> None:
    """Publish or archive. Keeps the time of the first publication. Raises OfferStateConflict, PriceNotAllowed."""
    target = next_state(offer.state, event)
    if target is None:
        raise OfferStateConflict(
            f"The offer is {offer.state}, so it cannot be {event}{'d' if event[-1] == 'e' else 'ed'}."
        )
    if target == "published":
        # A draft can be older than the rule.
        check_price(offer.price_amount, offer.currency)
    offer.state = target
    if target == "published" and offer.published_at is None:
        offer.published_at = now
    session.flush()
