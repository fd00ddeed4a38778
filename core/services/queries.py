from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import NotFound
from db.models import Service


def published_services(session: Session, page: PageRequest[Newest]) -> Slice[Service, Newest]:
    """Services on sale, the newest publication first."""
    statement = select(Service).where(Service.state == "published")
    rows = session.scalars(newest_first(statement, Service.published_at, Service.id, page)).all()
    return cut(rows, page, lambda service: (service.published_at or service.created_at, service.id))


def teacher_services(session: Session, teacher_id: UUID, page: PageRequest[Newest]) -> Slice[Service, Newest]:
    """A teacher's own services in every state, newest first."""
    statement = select(Service).where(Service.teacher_id == teacher_id)
    rows = session.scalars(newest_first(statement, Service.created_at, Service.id, page)).all()
    return cut(rows, page, lambda service: (service.created_at, service.id))


def visible_service(session: Session, service_id: UUID, profile_id: UUID | None) -> Service:
    """A service on sale, or the teacher's own. Raises NotFound."""
    seen = or_(Service.state == "published", Service.teacher_id == profile_id)
    found = session.scalar(select(Service).where(Service.id == service_id, seen))
    if found is None:
        raise NotFound(f"There is no service {service_id}.")
    return found
