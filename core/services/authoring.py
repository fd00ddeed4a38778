"""Create, change, publish and archive services."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.offers.authoring import apply_changes, change_state, own_offer
from core.offers.prices import check_price
from core.offers.states import INITIAL, OfferEvent
from core.services.inputs import ServiceDraft, ServiceEdit
from db.models import Service

_TAGS = {"publish": Tag.SERVICE_PUBLISHED, "archive": Tag.SERVICE_ARCHIVED}


def create(session: Session, teacher_id: UUID, draft: ServiceDraft) -> Service:
    """Create a service; it is not on sale yet. Raises PriceNotAllowed."""
    check_price(draft.price_amount, draft.currency)
    service = Service(teacher_id=teacher_id, state=INITIAL, **draft.model_dump())
    session.add(service)
    session.flush()
    record(session, Tag.SERVICE_CREATED, service.id, actor_id=teacher_id)
    return service


def edit(session: Session, teacher_id: UUID, service_id: UUID, changes: ServiceEdit) -> Service:
    """Change the teacher's own service. Raises NotFound, PriceNotAllowed."""
    service = own_offer(session, Service, service_id, teacher_id)
    apply_changes(session, service, changes.changes())
    data = {"fields": sorted(changes.changes())}
    record(session, Tag.SERVICE_CHANGED, service_id, actor_id=teacher_id, data=data)
    return service


def transition(session: Session, teacher_id: UUID, service_id: UUID, event: OfferEvent, now: datetime) -> Service:
    """Publish or archive the teacher's own service. Raises NotFound, OfferStateConflict, PriceNotAllowed."""
    service = own_offer(session, Service, service_id, teacher_id)
    change_state(session, service, event, now)
    record(session, _TAGS[event], service_id, actor_id=teacher_id)
    return service
