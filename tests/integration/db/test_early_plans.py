"""Query plans of a worker that started while the tables were small: it keeps them until a table is analysed again."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.maintenance.check import invariants
from core.webhooks.parse import read_stripe_event
from db.engine import make_jobs_engine
from db.queries import statement_names
from tasks import runtime
from tests.support.fake_mailer import FakeMailer
from tests.support.plans import full_scans, plan
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store
from tests.support.workers import run_due

# Invariants may scan whole tables.
STATEMENTS = sorted(set(statement_names()) - set(invariants()))


def test_no_statement_scans_a_whole_table_when_it_was_planned_early(
    sessions: sessionmaker[Session], in_process: pytest.MonkeyPatch, database_url: str
) -> None:
    in_process.setattr(runtime, "mailer", FakeMailer)
    with sessions.begin() as session:
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in place_orders(session, 400)])
    run_due(sessions)
    engine = make_jobs_engine(database_url, 1)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("vacuum analyze"))
        driver: Any = connection.connection.driver_connection
        found = {name: scans for name in STATEMENTS if (scans := [*full_scans(plan(driver, name))])}
    engine.dispose()
    assert found == {}
