"""How a refund proceeds: a later state is never replaced by an earlier one, however late it is told."""

from collections.abc import Mapping
from typing import Final

from core.findings.kinds import Kind
from db.models import RefundState

# A refund that succeeded can still fail, when the buyer's bank returns it.
PROGRESS: Final[tuple[RefundState, ...]] = ("requested", "pending", "succeeded", "failed", "cancelled")
# The money is back, or on its way back.
GIVEN_BACK: Final[tuple[RefundState, ...]] = ("requested", "pending", "succeeded")
# Stripe's status: ours. https://docs.stripe.com/api/refunds/object
PROVIDER_STATES: Final[Mapping[str, RefundState]] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "cancelled",
}
# Parameters of apply.sql.
PARAMETERS: Final = {
    "event_kind": "refund",
    "progress": "{" + ",".join(PROGRESS) + "}",
    "finding_kind": Kind.REFUND_FAILED.value,
    "finding_state": "failed",
}


def is_later(state: RefundState, than: RefundState) -> bool:
    """Whether a refund may proceed to `state`."""
    return PROGRESS.index(state) > PROGRESS.index(than)
