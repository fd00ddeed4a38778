"""Customers, products and prices of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import events_about
from tests.contract.conftest import StripeEmulator


def test_a_customer_is_updated_and_deleted(emulator: StripeEmulator) -> None:
    customers = emulator.sdk.v1.customers
    customer = customers.create({"email": "old@example.com", "phone": "1", "metadata": {"a": "1", "b": "2"}})
    updated = customers.update(customer.id, {"email": "new@example.com", "phone": "", "metadata": {"b": ""}})
    assert (updated.email, updated.phone, updated.to_dict()["metadata"]) == ("new@example.com", None, {"a": "1"})
    assert [found.id for found in customers.list({"email": "new@example.com"}).data] == [customer.id]
    assert customers.delete(customer.id).deleted
    assert customers.retrieve(customer.id).to_dict() == {"id": customer.id, "object": "customer", "deleted": True}
    assert customers.list({"email": "new@example.com"}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        customers.update(customer.id, {"name": "B"})
    kinds = ["customer.created", "customer.updated", "customer.deleted"]
    assert events_about(emulator, customer.id) == kinds


def test_a_product_without_prices_is_deleted(emulator: StripeEmulator) -> None:
    products = emulator.sdk.v1.products
    product = products.create({"name": "Course"})
    updated = products.update(product.id, {"name": "Seminar", "active": False, "description": "Two days"})
    assert (updated.name, updated.active, updated.description) == ("Seminar", False, "Two days")
    assert product.id in [found.id for found in products.list({"active": False}).data]
    assert products.delete(product.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        products.retrieve(product.id)
    assert events_about(emulator, product.id) == ["product.created", "product.updated", "product.deleted"]


def test_a_product_with_a_price_is_only_made_inactive(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    product = v1.products.create({"name": "Course", "id": "prod_with_price"})
    price = v1.prices.create({"product": product.id, "currency": "sek", "unit_amount": 5_000})
    assert v1.products.update(product.id, {"default_price": price.id}).default_price == price.id
    with pytest.raises(stripe.InvalidRequestError, match="user-created prices"):
        v1.products.delete(product.id)
    with pytest.raises(stripe.InvalidRequestError) as taken:
        v1.products.create({"name": "Again", "id": product.id})
    assert taken.value.code == "resource_already_exists"


def test_a_price_is_updated_but_not_its_amount(emulator: StripeEmulator) -> None:
    prices = emulator.sdk.v1.prices
    price = prices.create({"product_data": {"name": "Course"}, "currency": "sek", "unit_amount": 5_000})
    updated = prices.update(price.id, {"active": False, "nickname": "Old", "metadata": {"a": "1"}})
    assert (updated.active, updated.nickname, updated.unit_amount) == (False, "Old", 5_000)
    assert events_about(emulator, price.id) == ["price.created", "price.updated"]
    assert [found.id for found in prices.list({"product": str(price.product)}).data] == [price.id]
    assert prices.list({"product": str(price.product), "active": True}).data == []
    refused = emulator.http.post(f"/v1/prices/{price.id}", data={"unit_amount": "1"}).json()["error"]
    assert refused["code"] == "parameter_unknown"


def test_a_recurring_price_is_refused_by_name(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="only one-time prices") as refused:
        emulator.sdk.v1.prices.create(
            {
                "product_data": {"name": "Membership"},
                "currency": "sek",
                "unit_amount": 5_000,
                "recurring": {"interval": "month"},
            }
        )
    assert vars(refused.value)["param"] == "recurring"
    line: stripe.params.checkout.SessionCreateParamsLineItem = {
        "price_data": {
            "currency": "sek",
            "product_data": {"name": "Membership"},
            "unit_amount": 5_000,
            "recurring": {"interval": "month"},
        },
        "quantity": 1,
    }
    with pytest.raises(stripe.InvalidRequestError, match="only one-time prices") as refused:
        emulator.sdk.v1.checkout.sessions.create(
            {"mode": "payment", "success_url": "https://shop.example/", "line_items": [line]}
        )
    assert vars(refused.value)["param"] == "line_items[0][price_data][recurring]"
