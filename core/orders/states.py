"""The life of an order: each state, and the event that leads from one to the next."""

from typing import Literal

from core.states import Step, states_before

OrderState = Literal["pending", "processing", "paid", "fulfilled", "cancelled", "expired", "refunded", "disputed"]

INITIAL: OrderState = "pending"
# An order over nothing waits for no payment.
INITIAL_FREE: OrderState = "paid"

STEPS: tuple[Step[OrderState], ...] = (
    Step("pending", "payment_delayed", "processing"),
    Step("pending", "payment_succeeded", "paid"),
    Step("pending", "order_cancelled", "cancelled"),
    Step("pending", "time_ran_out", "expired"),
    Step("processing", "payment_succeeded", "paid"),
    # The buyer may try again with another method.
    Step("processing", "payment_failed", "pending"),
    # The failure may be told after the order's time, and before the payment was told to be in progress.
    Step("expired", "payment_failed", "pending"),
    # Nothing was held for the order, so money that comes late still buys what it was paid for.
    Step("expired", "payment_delayed", "processing"),
    Step("expired", "payment_succeeded", "paid"),
    # An operator lets a payment count that came although the buyer had cancelled.
    Step("cancelled", "payment_accepted", "paid"),
    Step("paid", "items_granted", "fulfilled"),
    Step("paid", "money_returned", "refunded"),
    Step("paid", "money_disputed", "disputed"),
    Step("fulfilled", "money_returned", "refunded"),
    Step("fulfilled", "money_disputed", "disputed"),
    # A refund can fail after days, and a dispute can be won: then what was bought is owed again.
    Step("refunded", "money_is_back", "paid"),
    Step("refunded", "money_disputed", "disputed"),
    Step("disputed", "money_is_back", "paid"),
    Step("disputed", "money_returned", "refunded"),
)


def allowed_from(target: OrderState) -> tuple[OrderState, ...]:
    """The states from which an order may become `target`."""
    return states_before(STEPS, target)
