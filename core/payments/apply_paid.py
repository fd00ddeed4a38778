"""A checkout was paid: the payment is stored, and the order it matches is to be fulfilled."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.orders.states import STEPS
from core.payments.payable import TIME_AFTER_FAILURE
from core.payments.states import allowed_from as payment_allowed_from


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join(sorted(values)) + "}"


# Parameters of apply_paid.sql: the states of orders and payments that it compares with, and how long an order whose
# payment in progress did not match can be paid again.
PARAMETERS: Final[Mapping[str, str]] = {
    "payable": _array([step.source for step in STEPS if step.event == "payment_succeeded"]),
    "unpaid": _array(payment_allowed_from("succeeded")),
    "time_after_failure": f"{TIME_AFTER_FAILURE.total_seconds():.0f} seconds",
}
