"""Runs all revisions on one connection, under one lock, in one transaction."""

from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text

from core.settings import settings
from db.models import Base

# Any constant; every migrating process must use the same.
MIGRATION_LOCK = 26_000_026
# Alembic's table is outside schema app, so a downgrade can drop the schema.
VERSION_SCHEMA = "public"


def database_url() -> str:
    """The caller's attribute, else `-x url=...`, else AULA_DATABASE_URL."""
    attribute = context.config.attributes.get("database_url")
    return attribute or context.get_x_argument(as_dictionary=True).get("url") or settings().database_url


def only_app(name: str | None, kind: str, _parents: object) -> bool:
    """Compare schema app only; other schemas are not Aula's."""
    return kind != "schema" or name == Base.metadata.schema


def migrate_online() -> None:
    """Run the revisions. Of several processes that start at once, one migrates and the others wait."""
    engine = create_engine(database_url(), poolclass=NullPool)
    with engine.connect() as connection:
        # With the default search path ("$user" first), app would be the default schema of a user named app.
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
    raise CommandError("There is no --sql mode: run the file in db/sql with psql instead.")
if context.config.cmd_opts and context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
migrate_online()
