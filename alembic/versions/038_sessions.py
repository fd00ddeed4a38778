"""A login is a row of its own.

Revises: 037_job_causes
"""

from pathlib import Path

from alembic import op

revision = "038_sessions"
down_revision = "037_job_causes"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "038_sessions.sql"

_DOWN = """
alter table app.refresh_tokens
    add column revoked_at timestamptz,
    drop constraint refresh_tokens_session_id_fkey;
update app.refresh_tokens t set revoked_at = s.ended_at from app.sessions s where s.id = t.session_id;
alter table app.refresh_tokens rename column session_id to family_id;
alter index app.refresh_tokens_session rename to refresh_tokens_family;
drop table app.sessions;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: logins are families of refresh tokens again."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
