"""What a run needs before its processes start: the schema and the demo data."""

from sqlalchemy import text

from core.clock import utc_now
from db.engine import make_engine, make_sessions
from db.migrate import migrate
from scripts.local.services import LocalServices
from scripts.run.environment import Environment
from scripts.run.progress import Progress
from scripts.seed import DemoOffers, seed

# The steps, in order. The first one starts the services themselves.
SERVICES, SCHEMA, DEMO_DATA = "database and broker", "schema", "demo data"


def describe_servers(services: LocalServices) -> str:
    """Where the database and the broker are."""
    database = f"PostgreSQL on port {services.postgres.port}" if services.owns_database else "AULA_DATABASE_URL"
    broker = f"Valkey on port {services.valkey.port}" if services.owns_broker else "AULA_REDIS_URL"
    return f"{database}, {broker}"


def prepare(progress: Progress, environment: Environment) -> DemoOffers:
    """Migrate the database and create the demo data."""
    url = environment.variables["AULA_DATABASE_URL"]
    with progress.step(SCHEMA):
        migrate(url)
    with progress.step(DEMO_DATA) as step:
        engine = make_engine(url, pool_size=1)
        with make_sessions(engine).begin() as session:
            offers = seed(session, environment.teacher_password, utc_now())
            # The seminar begins soon: its room is made when beat starts, not up to a minute later.
            session.execute(text("update app.schedules set next_due_at = now() where name = 'seminars-advance'"))
        engine.dispose()
        step.note = "a course, a service and a seminar on sale"
    return offers
