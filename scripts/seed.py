"""Demo data: a teacher with a course, a service and a seminar on sale. A second run soon after changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.passwords import hash_password, matches
from core.courses import authoring as courses
from core.courses.inputs import CourseDraft, LessonDraft
from core.courses.lesson_authoring import add
from core.offers.seats import ANNOUNCED
from core.seminars import authoring as seminars
from core.seminars.inputs import SeminarDraft
from core.services import authoring as services
from core.services.inputs import ServiceDraft
from db.models import Course, Profile, Seminar, Service

TEACHER = "teacher@aula.example"
COURSE = CourseDraft(
    title="Akvarell från grunden",
    summary="Färg, vatten och papper: tolv kvällar till din första tavla.",
    description="Vi börjar med ett enda streck och slutar med ett landskap. Inga förkunskaper behövs.",
    price_amount=59_500,
    currency="SEK",
)
LESSONS = (
    LessonDraft(title="Papper och pensel", body="Vad du behöver, och vad du kan vara utan.", is_preview=True),
    LessonDraft(title="Våt i vått", body="Låt färgen flyta, och stanna i tid."),
    LessonDraft(title="Ett landskap", body="Himmel först, mark sist."),
)
SERVICE = ServiceDraft(
    title="Personlig handledning",
    description="En timme med din egen målning, på plats eller på distans.",
    duration_minutes=60,
    price_amount=75_000,
    currency="SEK",
)


SEMINAR_TITLE = "Frågestund om färg"
# The doors of the seminar are open while the demo runs.
BEFORE_START, LENGTH, SOONEST = timedelta(minutes=14), timedelta(hours=1), timedelta(minutes=11)


@dataclass(frozen=True, slots=True)
class DemoOffers:
    """The ids of what is on sale. The seminar begins within a quarter of an hour."""

    course_id: UUID
    service_id: UUID
    seminar_id: UUID


def seed(session: Session, teacher_password: str, now: datetime) -> DemoOffers:
    """Create what is missing and set the teacher's password. The caller commits."""
    teacher = _teacher(session, teacher_password, now)
    return DemoOffers(_course(session, teacher, now), _service(session, teacher, now), _seminar(session, teacher, now))


def _teacher(session: Session, password: str, now: datetime) -> UUID:
    teacher = session.scalar(select(Profile).where(Profile.email == TEACHER))
    if teacher is None:
        teacher = Profile(
            email=TEACHER, display_name="Aula Demo", role="teacher", password_hash="", email_proven_at=now
        )
        session.add(teacher)
    if not matches(teacher.password_hash, password):
        teacher.password_hash = hash_password(password)
    session.flush()
    return teacher.id


def _course(session: Session, teacher: UUID, now: datetime) -> UUID:
    found = session.scalar(select(Course.id).where(Course.teacher_id == teacher, Course.title == COURSE.title))
    if found is not None:
        return found
    course = courses.create(session, teacher, COURSE)
    for lesson in LESSONS:
        add(session, teacher, course.id, lesson)
    return courses.transition(session, teacher, course.id, "publish", now).id


def _service(session: Session, teacher: UUID, now: datetime) -> UUID:
    found = session.scalar(select(Service.id).where(Service.teacher_id == teacher, Service.title == SERVICE.title))
    if found is not None:
        return found
    service = services.create(session, teacher, SERVICE)
    return services.transition(session, teacher, service.id, "publish", now).id


def _seminar(session: Session, teacher: UUID, now: datetime) -> UUID:
    soon = Seminar.starts_at.between(now + SOONEST, now + BEFORE_START)
    wanted = select(Seminar.id).where(Seminar.teacher_id == teacher, Seminar.state.in_(ANNOUNCED), soon)
    found = session.scalar(wanted.order_by(Seminar.starts_at.desc()).limit(1))
    if found is not None:
        return found
    starts_at = now + BEFORE_START
    draft = SeminarDraft(
        title=SEMINAR_TITLE,
        description="Ta med din målning och det som inte blev som du ville.",
        starts_at=starts_at,
        ends_at=starts_at + LENGTH,
        capacity=20,
        price_amount=12_000,
        currency="SEK",
    )
    seminar = seminars.create(session, teacher, draft, now)
    return seminars.publish(session, teacher, seminar.id, now).id
