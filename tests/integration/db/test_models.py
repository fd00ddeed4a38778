from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from db.engine import make_engine
from db.models import Base, Course, Dispute, Job, Order
from tests.support import db_catalog
from tests.support.model_rows import add_one_of_each

MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session that is rolled back at the end."""
    engine = make_engine(database_url, pool_size=1)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def test_models_and_the_sql_file_make_the_same_tables(database_url: str, empty_database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select pg_get_functiondef('app.uuid7'::regproc)").fetchone()
    assert row
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("create schema app")
        connection.execute(cast("str", row[0]).encode())
    engine = create_engine(empty_database_url)
    Base.metadata.create_all(engine)
    engine.dispose()
    assert db_catalog.shape(empty_database_url) == db_catalog.shape(database_url)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_is_read_as_it_was_written(session: Session, model: type[Base]) -> None:
    rows = add_one_of_each(session)
    written = next(row for row in rows if type(row) is model)
    state = inspect(written)
    assert state.identity
    values = {attribute.key: getattr(written, attribute.key) for attribute in state.mapper.column_attrs}
    session.expunge_all()
    read = session.get_one(model, state.identity)
    assert read is not written
    assert {key: getattr(read, key) for key in values} == values


def test_an_id_is_the_given_one_or_comes_from_the_database(session: Session) -> None:
    rows = add_one_of_each(session)
    course = next(row for row in rows if isinstance(row, Course))
    chosen = uuid4()
    second = Course(id=chosen, teacher_id=course.teacher_id, title="Second", price_amount=0, currency="SEK")
    session.add(second)
    session.flush()
    assert second.id == chosen
    dispute = next(row for row in rows if isinstance(row, Dispute))
    assert dispute.id.version == 7


def test_relationships_are_never_loaded_implicitly(session: Session) -> None:
    add_one_of_each(session)
    session.expire_all()
    order = session.scalars(select(Order)).one()
    with pytest.raises(InvalidRequestError, match="lazy='raise'"):
        _ = order.items


def test_an_empty_json_column_is_sql_null(session: Session) -> None:
    add_one_of_each(session)
    nulls = select(func.count()).select_from(Job).where(Job.progress.is_(None))
    assert session.scalar(nulls) == 1


def test_an_update_sets_updated_at(session: Session) -> None:
    rows = add_one_of_each(session)
    course = next(row for row in rows if isinstance(row, Course))
    long_ago = datetime.now(UTC) - timedelta(days=1)
    course.updated_at = long_ago
    session.flush()
    course.title = "Another"
    session.flush()
    session.refresh(course)
    assert course.updated_at > long_ago
