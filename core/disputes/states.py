"""How a dispute proceeds: a later state is never replaced by an earlier one, however late it is told."""

from typing import Final

from db.models import DisputeState

PROGRESS: Final[tuple[DisputeState, ...]] = ("open", "won", "lost")
PARAMETERS: Final = {"progress": "{" + ",".join(PROGRESS) + "}"}
