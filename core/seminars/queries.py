from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from core.paging import Newest, PageRequest, Slice, cut
from db.models import Seminar


def coming_seminars(session: Session, now: datetime, page: PageRequest[Newest]) -> Slice[Seminar, Newest]:
    """Seminars that are announced and have not begun, the next one first."""
    statement = select(Seminar).where(Seminar.state.in_(("published", "provisioned", "open")), Seminar.starts_at > now)
    if page.after is not None:
        statement = statement.where(tuple_(Seminar.starts_at, Seminar.id) > tuple_(*page.after))
    rows = session.scalars(statement.order_by(Seminar.starts_at, Seminar.id).limit(page.fetch)).all()
    return cut(rows, page, lambda seminar: (seminar.starts_at, seminar.id))
