"""A checkout was paid: the payment is stored, and the order it fits is to be fulfilled."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.orders.states import STEPS, allowed_from
from core.payments.states import allowed_from as payment_allowed_from

_STATES = {step.source for step in STEPS} | {step.target for step in STEPS}
_PAYABLE = allowed_from("paid")


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join(sorted(values)) + "}"


# Parameters of apply_paid.sql: the states of orders and payments that it compares with.
STATES: Final[Mapping[str, str]] = {
    "payable": _array(_PAYABLE),
    "already_paid": _array([*_STATES.difference(_PAYABLE, {"cancelled"})]),
    "reviewable": _array(allowed_from("review")),
    "unpaid": _array(payment_allowed_from("succeeded")),
}
