"""What is on sale now, at which price."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.orders.price import OrderLine, ProductKind
from core.orders.problems import ProductUnavailable
from db.models import Course, Service


def on_sale(session: Session, wanted: Sequence[tuple[ProductKind, UUID, int]]) -> list[OrderLine]:
    """A line for each kind, product and quantity, in the same order. Raises ProductUnavailable naming the item."""
    offers = {**_offers(session, "course", wanted), **_offers(session, "service", wanted)}
    lines: list[OrderLine] = []
    for index, (kind, product_id, quantity) in enumerate(wanted):
        offer = offers.get((kind, product_id))
        if offer is None:
            raise ProductUnavailable(
                f"Item {index}: there is no published {kind} {product_id}.", field=f"items.{index}.{kind}_id"
            )
        title, amount, currency = offer
        lines.append(OrderLine(kind, product_id, title, amount, currency, quantity))
    return lines


_Offers = dict[tuple[ProductKind, UUID], tuple[str, int, str]]


def _offers(session: Session, kind: ProductKind, wanted: Sequence[tuple[ProductKind, UUID, int]]) -> _Offers:
    ids = [product_id for of_kind, product_id, _ in wanted if of_kind == kind]
    if not ids:
        return {}
    model = Course if kind == "course" else Service
    rows = session.execute(
        select(model.id, model.title, model.price_amount, model.currency).where(
            model.id.in_(ids), model.state == "published"
        )
    )
    return {(kind, row.id): (row.title, row.price_amount, row.currency) for row in rows}
