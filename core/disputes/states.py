"""How a dispute proceeds: a later state is never replaced by an earlier one, however late it is told."""

from typing import Final

from core.findings.kinds import Kind
from db.models import DisputeState

PROGRESS: Final[tuple[DisputeState, ...]] = ("open", "won", "lost")
# Parameters of apply.sql.
PARAMETERS: Final = {
    "event_kind": "dispute",
    "progress": "{" + ",".join(PROGRESS) + "}",
    "finding_kind": Kind.DISPUTE_OPEN.value,
    "finding_state": "open",
}
