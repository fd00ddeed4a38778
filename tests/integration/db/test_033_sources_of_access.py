"""The revision gives each source its own enrollment, and takes that away again, with rows in the tables."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "031_payment_reconcile", "033_sources_of_access"
# A buyer with two fulfilled orders for one course, of which one had its enrollment, and two members enrolled by hand,
# one of them no longer.
ROWS = """
insert into app.profiles (id, email, password_hash, display_name, role)
select ('00000000-0000-7000-8000-00000000000' || n)::uuid, n || '@aula.example', 'x', 'A', 'teacher'
from generate_series(1, 4) n;
insert into app.courses (teacher_id, title, price_amount, currency)
values ('00000000-0000-7000-8000-000000000001', 'Oils', 300, 'SEK');
insert into app.orders (id, profile_id, state, total_amount, currency, expires_at, paid_at, fulfilled_at)
select ('00000000-0000-7000-8000-00000000001' || n)::uuid, '00000000-0000-7000-8000-000000000002', 'fulfilled', 300,
       'SEK', now(), now(), now()
from generate_series(1, 2) n;
insert into app.order_items (order_id, course_id, title, unit_amount)
select o.id, c.id, 'Oils', 300 from app.orders o, app.courses c order by o.id;
insert into app.enrollments (profile_id, course_id, order_item_id)
select '00000000-0000-7000-8000-000000000002', course_id, id from app.order_items order by order_id limit 1;
insert into app.enrollments (profile_id, course_id, state, revoked_at)
select p.id, c.id, case when p.email like '3%' then 'active' else 'revoked' end,
       case when p.email like '4%' then now() end
from app.profiles p, app.courses c where p.email like '3%' or p.email like '4%';
"""
SOURCES = """
select p.email, e.state, e.purchase_number, e.order_item_id is null, g.email, g.withdrawn_at is not null
from app.enrollments e join app.profiles p on p.id = e.profile_id left join app.gifts g on g.id = e.gift_id
order by 1, 3
"""
EXPECTED = [
    ("2@aula.example", "active", 1, False, None, False),
    ("2@aula.example", "active", 2, False, None, False),
    ("3@aula.example", "active", None, True, "3@aula.example", False),
    ("4@aula.example", "revoked", None, True, "4@aula.example", True),
]


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    with fresh_database(services.database_url, "aula_033") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_each_source_has_its_enrollment_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        assert connection.execute(SOURCES).fetchall() == EXPECTED
    command.downgrade(config, BEFORE)
    with psycopg.connect(base_url) as connection:
        kept = "select p.email, e.state from app.enrollments e join app.profiles p on p.id = e.profile_id order by 1"
        assert connection.execute(kept).fetchall() == [
            ("2@aula.example", "active"),
            ("3@aula.example", "active"),
            ("4@aula.example", "revoked"),
        ]
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        assert connection.execute(SOURCES).fetchall() == EXPECTED
        found = "select f.kind, o.id from app.findings f join app.orders o on o.id = f.order_id"
        kind, order_id = connection.execute(found).fetchall()[0]
        assert (kind, str(order_id)) == ("course_already_owned", "00000000-0000-7000-8000-000000000012")


def test_an_active_enrollment_stays_before_a_revoked_one_on_the_way_down(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute("update app.enrollments set state = 'revoked', revoked_at = now() where purchase_number = 1")
    command.downgrade(config, BEFORE)
    with psycopg.connect(base_url) as connection:
        states = "select state from app.enrollments where order_item_id is not null"
        assert connection.execute(states).fetchall() == [("active",)]


@pytest.mark.parametrize("source", ["null, null", "(select id from app.order_items limit 1), 9"])
def test_an_enrollment_has_exactly_one_source(base_url: str, source: str) -> None:
    command.upgrade(alembic_config(base_url), AFTER)
    statement = f"""
    insert into app.enrollments (profile_id, course_id, gift_id, order_item_id, purchase_number)
    select teacher_id, id, {"null" if source == "null, null" else "(select id from app.gifts limit 1)"}, {source}
    from app.courses
    """  # noqa: S608 - our own text
    with psycopg.connect(base_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(statement.encode())
