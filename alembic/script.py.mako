<%def name="quoted(value)">${repr(value).replace("'", '"')}</%def>\
"""${message}.

Revises: ${down_revision | comma,n}
"""

${"import sqlalchemy as sa\n" if "sa." in f"{upgrades}{downgrades}" else ""}\
from alembic import op
${imports + "\n" if imports else ""}\

revision = ${quoted(up_revision)}
down_revision = ${quoted(down_revision)}
branch_labels = ${quoted(branch_labels)}
depends_on = ${quoted(depends_on)}


def upgrade() -> None:
    """Apply the change."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
${"    " + upgrades if upgrades and upgrades != "pass" else ""}\


def downgrade() -> None:
    """Undo the change."""
    op.execute("set local lock_timeout = '4s'")
${"    " + downgrades if downgrades and downgrades != "pass" else ""}\
