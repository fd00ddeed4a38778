"""Demo data is made once and is published."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core.accounts.passwords import matches
from db.engine import make_engine, make_sessions
from db.models import AuditEvent, Course, Lesson, Profile, Service
from scripts.seed import LESSONS, TEACHER, seed

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(database_url, pool_size=1)
    yield make_sessions(engine)
    engine.dispose()


def test_demo_data_is_made_once_and_the_password_is_updated(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        first = seed(session, "first password", NOW)
        entries = session.scalar(select(func.count()).select_from(AuditEvent))
    with sessions.begin() as session:
        assert seed(session, "second password", NOW) == first
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == entries
    with sessions.begin() as session:
        teacher = session.scalars(select(Profile)).one()
        assert (teacher.email, teacher.role) == (TEACHER, "teacher")
        assert matches(teacher.password_hash, "second password")
        assert {session.scalars(select(kind.state)).one() for kind in (Course, Service)} == {"published"}
        titles = session.scalars(select(Lesson.title).order_by(Lesson.position)).all()
    assert titles == [lesson.title for lesson in LESSONS]
