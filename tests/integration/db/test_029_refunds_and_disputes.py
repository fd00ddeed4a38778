"""The revision keeps refunds and disputes, and disputed orders have a way down."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, HEAD = "028_free_orders", "029_refunds_and_disputes"
ROWS = """
with buyer as (
    insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A') returning id
),
bought as (
    insert into app.orders (profile_id, state, total_amount, currency, expires_at)
    select id, 'refunded', 100, 'SEK', now() from buyer returning id
),
payment as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select id, 'pi_1', 'succeeded', 100, 'SEK', false from bought returning id
),
refund as (
    insert into app.refunds (payment_id, provider_refund_id, state, amount, currency)
    select id, 're_1', 'succeeded', 100, 'SEK' from payment
)
insert into app.disputes (payment_id, provider_dispute_id, state, amount, currency)
select id, 'dp_1', 'won', 100, 'SEK' from payment
"""


@pytest.fixture
def url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with a refund and a dispute."""
    with fresh_database(services.database_url, "aula_029") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_refunds_and_disputes_know_their_payment_up_down_and_up_again(url: str) -> None:
    config = alembic_config(url)
    command.upgrade(config, HEAD)
    joined = b"select r.provider_payment_id, d.provider_payment_id from app.refunds r cross join app.disputes d"
    with psycopg.connect(url) as connection:
        assert connection.execute(joined).fetchall() == [("pi_1", "pi_1")]
        connection.execute("update app.orders set state = 'disputed'")
        connection.execute(
            "insert into app.refunds (provider_payment_id, provider_refund_id, state, amount, currency)"
            " values ('pi_unknown', 're_2', 'succeeded', 100, 'SEK')"
        )
    command.downgrade(config, BEFORE)
    with psycopg.connect(url) as connection:
        assert connection.execute("select state from app.orders").fetchall() == [("refunded",)]
        assert connection.execute("select provider_refund_id from app.refunds").fetchall() == [("re_1",)]
    command.upgrade(config, HEAD)
    with psycopg.connect(url) as connection:
        assert connection.execute(joined).fetchall() == [("pi_1", "pi_1")]
