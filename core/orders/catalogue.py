"""The products that are on sale now, with their prices and terms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.orders.price import OrderLine
from core.orders.problems import ProductUnavailable
from core.orders.products import PRODUCT_KINDS, ProductKind, RequestedItem

_Offers = dict[tuple[ProductKind, UUID], OrderLine]


def on_sale(session: Session, requested: Sequence[RequestedItem], now: datetime) -> list[OrderLine]:
    """One line for each requested item, in the same order. Raises ProductUnavailable naming the item."""
    offers: _Offers = {}
    for kind in PRODUCT_KINDS:
        offers |= _offers(session, kind, [item.product_id for item in requested if item.kind is kind], now)
    lines: list[OrderLine] = []
    for index, item in enumerate(requested):
        offer = offers.get((item.kind, item.product_id))
        if offer is None:
            raise ProductUnavailable(
                f"Item {index}: there is no published {item.kind.name} {item.product_id}.",
                field=f"items.{index}.{item.kind.id_field}",
            )
        lines.append(replace(offer, quantity=item.quantity))
    return lines


def _offers(session: Session, kind: ProductKind, ids: Sequence[UUID], now: datetime) -> _Offers:
    if not ids:
        return {}
    model = kind.model
    rows = session.execute(
        select(model.id, model.title, model.price_amount, model.currency, model.refund_days, kind.max_progress).where(
            model.id.in_(ids), kind.on_sale(now)
        )
    )
    return {
        (kind, offer_id): OrderLine(kind, offer_id, title, amount, currency, 1, days, progress)
        for offer_id, title, amount, currency, days, progress in rows
    }
