import re
import time
from typing import Literal, LiteralString, get_args, get_origin
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation

from db.models import Base
from tests.support import db_catalog

PLANNED = """
    profiles refresh_tokens courses lessons enrollments services seminars seminar_seats attendance orders
    order_items payments refunds disputes subscriptions posts webhook_events webhook_attempts jobs job_attempts
    schedules idempotency_keys mail_messages audit_events
"""
STATE_NAMES = ("state",)


def test_every_planned_table_exists(database_url: str) -> None:
    assert set(db_catalog.tables(database_url)) >= set(PLANNED.split())


def test_every_foreign_key_has_an_index(database_url: str) -> None:
    assert db_catalog.keys_without_index(database_url) == []


def test_a_partial_index_does_not_count_for_a_foreign_key(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("create schema app")
        connection.execute("create table app.a (id int primary key)")
        connection.execute("create table app.b (a_id int references app.a, c_id int references app.a, d bool)")
        connection.execute("create index on app.b (a_id) where d")
        connection.execute("create index on app.b (c_id) where c_id is not null")
    assert db_catalog.keys_without_index(empty_database_url) == ["b.a_id"]


def test_row_level_security_is_on_for_every_table(database_url: str) -> None:
    assert [name for name, secured in db_catalog.tables(database_url).items() if not secured] == []


def test_every_state_column_has_a_check(database_url: str) -> None:
    checked = db_catalog.checks(database_url)
    unchecked = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in STATE_NAMES and (table.name, column.name) not in checked
    ]
    assert unchecked == []


def literals() -> dict[tuple[str, str], tuple[str, ...]]:
    """The values of every column that the models type as a Literal."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for mapper in Base.registry.mappers:
        for name, annotation in mapper.class_.__annotations__.items():
            (inner,) = get_args(annotation) or (None,)
            if get_origin(inner) is Literal:
                found[mapper.class_.__tablename__, name] = get_args(inner)
    return found


def test_the_literals_of_the_models_match_the_checks(database_url: str) -> None:
    checked = db_catalog.checks(database_url)
    in_database = {key: tuple(re.findall(r"'(\w+)'::text", checked[key])) for key in literals()}
    assert in_database == literals()
    assert {name for _, name in literals()} >= {"state", "role", "locale", "provider"}


def test_ids_are_uuid_version_7_and_sort_by_time(database_url: str) -> None:
    ids: list[UUID] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(50):
            before = time.time_ns() // 1_000_000
            row = connection.execute("select app.uuid7(), pg_sleep(0.001)").fetchone()
            after = time.time_ns() // 1_000_000
            assert row
            ids.append(row[0])
            assert before <= (row[0].int >> 80) <= after + 1
    assert ids == sorted(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}
    assert len({made.int & 0xFFFF for made in ids}) > 1


def test_ids_of_the_same_moment_differ(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select count(distinct app.uuid7()) from generate_series(1, 5000)").fetchone()
    assert row == (5000,)


REFUSED: list[tuple[LiteralString, type[Exception]]] = [
    (
        "insert into app.profiles (email, password_hash, display_name) values ('Upper@aula.example', 'h', 'n')",
        CheckViolation,
    ),
    ("insert into app.jobs (kind, state) values ('a.b', 'dispatched')", CheckViolation),
    ("insert into app.jobs (kind, state) values ('a.b', 'succeeded')", CheckViolation),
    ("insert into app.jobs (kind, dedupe_key) values ('a.b', 'k'), ('a.b', 'k')", UniqueViolation),
    (
        "insert into app.jobs (kind, schedule, due_at) values ('a.b', 's', now()), ('a.b', 's', now())",
        UniqueViolation,
    ),
    ("insert into app.audit_events (tag, subject_id, seq) values ('a:b:c', app.uuid7(), 1)", CheckViolation),
    ("insert into app.audit_events (tag, subject_id) values ('no grammar', app.uuid7())", CheckViolation),
    ("insert into app.job_kinds (kind, queue, paused_at) values ('a.b', 'q', now())", CheckViolation),
    (
        """insert into app.idempotency_keys (key, request_hash, status)
        select 'k', decode(repeat('00', 32), 'hex'), 200 from generate_series(1, 2)""",
        UniqueViolation,
    ),
]


@pytest.mark.parametrize(("statement", "error"), REFUSED)
def test_the_database_refuses_invalid_rows(database_url: str, statement: LiteralString, error: type[Exception]) -> None:
    with psycopg.connect(database_url) as connection, pytest.raises(error):
        connection.execute(statement)


def test_a_finished_job_frees_its_dedupe_key(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into app.jobs (kind, dedupe_key, state, finished_at) values ('a.b', 'free', 'succeeded', now())"
        )
        connection.execute("insert into app.jobs (kind, dedupe_key) values ('a.b', 'free')")
        connection.rollback()


def test_due_jobs_notify_the_relay_once_for_each_lane_at_commit(database_url: str) -> None:
    with (
        psycopg.connect(database_url, autocommit=True) as listener,
        psycopg.connect(database_url) as writer,
    ):
        listener.execute("listen aula_jobs")
        writer.execute(
            "insert into app.jobs (kind, priority, run_at) values ('a.b', 1, now()), ('a.b', 1, now()), "
            "('a.b', 0, now()), ('c.d', 1, now() + interval '1 hour')"
        )
        assert list(listener.notifies(timeout=0.05)) == []
        writer.commit()
        assert sorted(notice.payload for notice in listener.notifies(timeout=5, stop_after=2)) == ["a.b 0", "a.b 1"]
