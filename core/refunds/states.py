"""How a refund proceeds: a later state is never replaced by an earlier one, however late it is told."""

from typing import Final

from db.models import RefundState

# A refund that succeeded can still fail, when the buyer's bank returns it.
PROGRESS: Final[tuple[RefundState, ...]] = ("requested", "pending", "succeeded", "failed", "cancelled")
PARAMETERS: Final = {"progress": "{" + ",".join(PROGRESS) + "}"}
