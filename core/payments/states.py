"""The life of a payment: each state, and what the far side told that leads from one to the next."""

from typing import Literal

from core.states import Step, states_before

PaymentState = Literal["processing", "succeeded", "failed"]

# Whatever is told first makes the row: deliveries come late and out of order.
INITIAL: tuple[PaymentState, ...] = ("processing", "succeeded", "failed")

STEPS: tuple[Step[PaymentState], ...] = (
    Step("processing", "payment_succeeded", "succeeded"),
    Step("processing", "payment_failed", "failed"),
    # A buyer tries again within one payment; its failure may also be told after its success was sent.
    Step("failed", "payment_delayed", "processing"),
    Step("failed", "payment_succeeded", "succeeded"),
)


def allowed_from(target: PaymentState) -> tuple[PaymentState, ...]:
    """The states from which a payment may become `target`; money that came never goes back to unpaid."""
    return states_before(STEPS, target)
