from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import Field

from api.schemas.base import Amount, Currency, Schema, Time
from api.schemas.orders import OrderOut
from core.orders.view import OrderView
from core.refunds.ask import AskedRefund
from core.refunds.terms import Terms
from core.refunds.view import OrderRefunds
from db.models import Refund, RefundRole, RefundState


class RefundOut(Schema):
    """Money on its way back, or given back."""

    id: UUID
    state: RefundState
    amount: Amount
    currency: Currency
    reason: str
    requested_as: RefundRole | None = Field(description="Who asked; null if it was made at the payment provider.")
    items: list[UUID] = Field(description="The order items that it gives back; none: the order as a whole.")
    created_at: Time

    @classmethod
    def of(cls, refund: Refund, items: Sequence[UUID]) -> "RefundOut":
        """The refund as a client sees it."""
        return cls(
            id=refund.id,
            state=refund.state,
            amount=refund.amount,
            currency=refund.currency,
            # What an operator wrote about a finding is not for the buyer.
            reason="" if refund.finding_id else refund.reason,
            requested_as=refund.requested_as,
            items=list(items),
            created_at=refund.created_at,
        )


class AskedRefundOut(RefundOut):
    """A refund that was asked for."""

    job: str = Field(description="The path of the job that carries it out.")

    @classmethod
    def asked(cls, asked: AskedRefund) -> "AskedRefundOut":
        """The refund as the one who asked sees it."""
        out = RefundOut.of(asked.refund, asked.item_ids)
        return cls(**out.model_dump(), job=f"/jobs/{asked.job_id}")


class RefundTermsOut(Schema):
    """Whether the buyer can ask for an item's money now, and until when."""

    item_id: UUID
    amount: Amount
    until: Time | None = Field(description="Null: the buyer cannot ask.")
    progress: int = Field(description="Percent of the course's lessons that the buyer has completed.")
    max_progress: int = Field(description="Up to this percent the buyer can ask.")
    can_ask: bool
    refusal: str | None = Field(description="Why not: the code of the problem that a request would get.")
    refusal_detail: str | None

    @classmethod
    def of(cls, terms: Terms) -> "RefundTermsOut":
        """The terms as the buyer sees them."""
        return cls(
            item_id=terms.line.item.id,
            amount=terms.line.amount,
            until=terms.until,
            progress=terms.progress,
            max_progress=terms.max_progress,
            can_ask=terms.refusal is None,
            refusal=terms.refusal.code if terms.refusal else None,
            refusal_detail=terms.refusal.detail if terms.refusal else None,
        )


class OrderDetailOut(OrderOut):
    """One order with its refunds."""

    refunds: list[RefundOut]
    left_to_refund: Amount = Field(description="What can still be given back, in the currency of the payment.")
    refund_terms: list[RefundTermsOut] = Field(description="For each item, while money is left to give back.")

    @classmethod
    def detail(cls, order: OrderView, found: OrderRefunds) -> "OrderDetailOut":
        """The order as its buyer sees it."""
        return cls.model_validate(
            {
                **asdict(order),
                "refunds": [RefundOut.of(refund, items) for refund, items in found.refunds],
                "left_to_refund": found.left_amount,
                "refund_terms": [RefundTermsOut.of(terms) for terms in found.terms],
            }
        )
