"""How Alembic reaches the database: one connection, one lock, one transaction for all revisions."""

from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text

from core.settings import settings
from db.models import Base

# Any constant does, as long as every process that migrates takes the same.
MIGRATION_LOCK = 26_000_026
# Alembic's own table stands outside the schema it makes.
VERSION_SCHEMA = "public"


def database_url() -> str:
    """The caller's attribute, then `-x url=...`, then AULA_DATABASE_URL."""
    given = context.config.attributes.get("database_url")
    return given or context.get_x_argument(as_dictionary=True).get("url") or settings().database_url


def only_app(name: str | None, kind: str, _parents: object) -> bool:
    """Compares the schema app alone: what else lives in the database is not Aula's."""
    return kind != "schema" or name == Base.metadata.schema


def migrate_online() -> None:
    """Runs the revisions; of several processes that start at once, one works and the others find it done."""
    engine = create_engine(database_url(), poolclass=NullPool)
    with engine.connect() as connection:
        # The usual path, "$user" first, would make app the default schema for a user of that name.
        connection.dialect.default_schema_name = VERSION_SCHEMA
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            version_table_schema=VERSION_SCHEMA,
            include_schemas=True,
            include_name=only_app,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.execute(text(f"set local search_path to {VERSION_SCHEMA}"))
            context.run_migrations()


if context.is_offline_mode():
    raise CommandError("There is no --sql mode: run the file in db/sql with psql instead, twice if you like.")
if context.config.cmd_opts and context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
migrate_online()
