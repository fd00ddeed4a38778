"""The payments of an order, and what of each is left to give back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.refunds.problems import OrderNotRefundable, RefundOverLeft
from db.queries import query


@dataclass(frozen=True, slots=True)
class Paid:
    """A received payment; amounts in minor units of `currency`. `back` was given back or is on its way back.

    `covers`: it pays for its order. `disputed`: the buyer's bank asks for it, or has taken it.
    """

    payment_id: UUID
    order_id: UUID
    provider_payment_id: str
    amount: int
    currency: str
    covers: bool
    back: int
    disputed: bool

    @property
    def left(self) -> int:
        """What can still be given back."""
        return 0 if self.disputed else max(self.amount - self.back, 0)

    def require(self, amount: int, *, field: str | None = None) -> None:
        """Refuse to give back more than is left, or a disputed payment.

        Raises OrderNotRefundable, RefundOverLeft.
        """
        if self.disputed:
            raise OrderNotRefundable("The buyer's bank asks for the money, or has taken it.")
        if amount > self.left or self.left == 0:
            raise RefundOverLeft(
                f"{self.left} {self.currency} in minor units are left to refund.", left_amount=self.left, field=field
            )


def money_of(session: Session, order_id: UUID) -> Sequence[Paid]:
    """The received payments of an order, the first one first; exact while its row is locked."""
    return [Paid(*row) for row in session.execute(query("payments/money"), {"order_id": order_id})]


def covering(payments: Sequence[Paid]) -> Paid | None:
    """The payment to give back: of those that cover their order the first with money left, else the last."""
    found = [one for one in payments if one.covers]
    return next((one for one in found if one.left), found[-1] if found else None)
