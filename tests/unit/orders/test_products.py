"""Every kind of product can be named in an order, and is shown in it."""

import pytest

from api.schemas.orders import NewItem, OrderItemOut
from core.orders.products import COURSE, PRODUCT_KINDS, SEMINAR, ProductKind
from core.orders.view import ItemView
from db.models import OrderItem


@pytest.mark.parametrize("kind", PRODUCT_KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_its_id_in_the_order_item_and_in_its_schemas(kind: ProductKind) -> None:
    assert kind.id_field in OrderItem.__table__.columns
    assert kind.id_field in ItemView.__annotations__
    assert kind.id_field in NewItem.model_fields
    assert kind.id_field in OrderItemOut.model_fields


def test_courses_and_seminars_are_bought_once() -> None:
    assert [kind for kind in PRODUCT_KINDS if kind.once] == [COURSE, SEMINAR]
    assert COURSE.max_quantity == 1
