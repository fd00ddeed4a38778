"""The life of an order: each state, and the event that leads from one to the next."""

from typing import Literal

from core.states import Step, states_before

OrderState = Literal["pending", "processing", "paid", "fulfilled", "review", "cancelled", "expired", "refunded"]

INITIAL: OrderState = "pending"

STEPS: tuple[Step[OrderState], ...] = (
    Step("pending", "payment_delayed", "processing"),
    Step("pending", "payment_succeeded", "paid"),
    Step("pending", "payment_mismatched", "review"),
    Step("pending", "order_cancelled", "cancelled"),
    Step("pending", "time_ran_out", "expired"),
    Step("processing", "payment_succeeded", "paid"),
    Step("processing", "payment_mismatched", "review"),
    # The buyer may try again with another method.
    Step("processing", "payment_failed", "pending"),
    # Nothing was held for the order, so money that comes late still buys what it was paid for.
    Step("expired", "payment_delayed", "processing"),
    Step("expired", "payment_succeeded", "paid"),
    Step("expired", "payment_mismatched", "review"),
    # The buyer said no before the money came: a person decides whether it goes back.
    Step("cancelled", "payment_succeeded", "review"),
    Step("cancelled", "payment_mismatched", "review"),
    Step("paid", "items_granted", "fulfilled"),
    Step("paid", "course_owned_already", "review"),
    Step("paid", "payment_mismatched", "review"),
    Step("paid", "money_returned", "refunded"),
    # Courses are granted by message, so this can be found out later.
    Step("fulfilled", "course_owned_already", "review"),
    # A second payment of the same order is a mismatch as well.
    Step("fulfilled", "payment_mismatched", "review"),
    Step("fulfilled", "money_returned", "refunded"),
    Step("review", "money_returned", "refunded"),
)


def allowed_from(target: OrderState) -> tuple[OrderState, ...]:
    """The states from which an order may become `target`."""
    return states_before(STEPS, target)
