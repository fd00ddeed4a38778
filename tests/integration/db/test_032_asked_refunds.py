"""The revision adds terms, lines and who asked, and takes them away again, with rows in the tables."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "031_payment_reconcile", "032_asked_refunds"
ROWS = """
with teacher as (
    insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A') returning id
),
course as (
    insert into app.courses (teacher_id, title, price_amount, currency) select id, 'Oils', 100, 'SEK' from teacher
    returning id
),
service as (
    insert into app.services (teacher_id, title, duration_minutes, price_amount, currency)
    select id, 'Critique', 60, 100, 'SEK' from teacher returning id
),
placed as (
    insert into app.orders (profile_id, total_amount, currency, expires_at, state)
    select id, 200, 'SEK', now(), 'fulfilled' from teacher returning id
),
item as (
    insert into app.order_items (order_id, course_id, service_id, title, unit_amount)
    select placed.id, course.id, null, 'Oils', 100 from placed, course
    union all
    select placed.id, null, service.id, 'Critique', 100 from placed, service
),
paid as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select id, 'pi_1', 'succeeded', 200, 'SEK', false from placed returning id
)
insert into app.refunds (payment_id, provider_payment_id, provider_refund_id, state, amount, currency)
select id, 'pi_1', 're_1', 'succeeded', 100, 'SEK' from paid
"""
OLD_ROWS = """
select (select count(*) from app.courses), (select count(*) from app.services), (select count(*) from app.order_items),
       (select string_agg(provider_refund_id || ' ' || state, ',') from app.refunds),
       (select state from app.service_orders)
"""


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with an order that was partly refunded."""
    with fresh_database(services.database_url, "aula_032") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_rows_are_kept_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    for step, target in ((command.upgrade, AFTER), (command.downgrade, BEFORE), (command.upgrade, AFTER)):
        step(config, target)
        with psycopg.connect(base_url) as connection:
            assert connection.execute(OLD_ROWS).fetchone() == (1, 1, 2, "re_1 succeeded", "pending")


def test_rows_that_are_there_have_the_usual_terms(base_url: str) -> None:
    command.upgrade(alembic_config(base_url), AFTER)
    with psycopg.connect(base_url) as connection:
        rows = connection.execute(
            "select refund_days, refund_max_progress, refunded_at from app.order_items"
        ).fetchall()
        asked = connection.execute("select requested_by, requested_as, finding_id, failure from app.refunds").fetchone()
        course = connection.execute("select refund_days, refund_max_progress from app.courses").fetchone()
    assert (rows, asked, course) == ([(14, 30, None)] * 2, (None,) * 4, (14, 30))


def test_a_line_that_was_given_back_is_no_booking(base_url: str) -> None:
    command.upgrade(alembic_config(base_url), AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute("update app.order_items set refunded_at = now()")
        assert connection.execute("select state from app.service_orders").fetchone() == ("refunded",)


def test_refunds_with_lines_keep_their_amount_down(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute("update app.refunds set requested_as = 'admin', failure = 'no'")
        connection.execute(
            "insert into app.refund_items select r.id, i.id, 100 from app.refunds r, app.order_items i limit 1"
        )
    command.downgrade(config, BEFORE)
    with psycopg.connect(base_url) as connection:
        assert connection.execute("select amount from app.refunds").fetchall() == [(100,)]


MAIL = """
insert into app.mail_messages (dedupe_key, template, profile_id, params)
select 'refunded:' || id, 'refunded', profile_id, jsonb_build_object('order_id', id) from app.orders
"""
KEYS = "select dedupe_key = 'refunded:' || o.id, dedupe_key = 'refunded:' || r.id, params ->> 'refund_id' = r.id::text"


def test_an_email_names_its_refund_instead_of_its_order(base_url: str) -> None:
    config = alembic_config(base_url)
    with psycopg.connect(base_url) as connection:
        connection.execute(MAIL)
    for step, target, expected in (
        (command.upgrade, AFTER, (False, True, True)),
        (command.downgrade, BEFORE, (True, False, True)),
        (command.upgrade, AFTER, (False, True, True)),
    ):
        step(config, target)
        with psycopg.connect(base_url) as connection:
            found = connection.execute(f"{KEYS} from app.mail_messages, app.orders o, app.refunds r").fetchall()
            assert found == [expected]
