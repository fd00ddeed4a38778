"""Create, change, publish and archive courses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.courses.inputs import CourseDraft, CourseEdit
from core.offers.authoring import apply_changes, change_state, own_offer
from core.offers.prices import check_price
from core.offers.states import INITIAL, OfferEvent
from db.models import Course

_TAGS = {"publish": Tag.COURSE_PUBLISHED, "archive": Tag.COURSE_ARCHIVED}


def create(session: Session, teacher_id: UUID, draft: CourseDraft) -> Course:
    """Create a course; it is not on sale yet. Raises PriceNotAllowed."""
    check_price(draft.price_amount, draft.currency)
    course = Course(teacher_id=teacher_id, state=INITIAL, **draft.model_dump())
    session.add(course)
    session.flush()
    record(session, Tag.COURSE_CREATED, course.id, actor_id=teacher_id)
    return course


def edit(session: Session, teacher_id: UUID, course_id: UUID, changes: CourseEdit) -> Course:
    """Change the teacher's own course. Raises NotFound, PriceNotAllowed."""
    course = own_offer(session, Course, course_id, teacher_id)
    apply_changes(session, course, changes.changes())
    record(session, Tag.COURSE_CHANGED, course_id, actor_id=teacher_id, data={"fields": sorted(changes.changes())})
    return course


def transition(session: Session, teacher_id: UUID, course_id: UUID, event: OfferEvent, now: datetime) -> Course:
    """Publish or archive the teacher's own course. Raises NotFound, OfferStateConflict, PriceNotAllowed."""
    course = own_offer(session, Course, course_id, teacher_id)
    change_state(session, course, event, now)
    record(session, _TAGS[event], course_id, actor_id=teacher_id)
    return course
