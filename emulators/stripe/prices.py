"""One-time prices: create, retrieve, update, list."""

from emulators.stripe.currencies import MAX_AMOUNT, currency
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.products import PRODUCT_DATA, find_product, new_product
from emulators.stripe.schema import (
    Check,
    boolean,
    check_params,
    choice,
    fields,
    integer,
    list_of,
    merge_metadata,
    metadata,
    optional,
    text,
)


def refuse_recurring(_value: object, param: str) -> None:
    """Refuse a recurring price: subscriptions are not emulated."""
    raise ApiError("The emulator supports only one-time prices, not recurring ones.", param=param)


_CREATE: dict[str, Check] = {
    "currency": currency,
    "unit_amount": integer(0, MAX_AMOUNT),
    "product": text(),
    "product_data": fields(PRODUCT_DATA, ("name",)),
    "active": boolean,
    "nickname": text(),
    "lookup_key": text(200),
    "metadata": metadata,
    "recurring": refuse_recurring,
    "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
    "expand": list_of(text()),
}
_UPDATE: dict[str, Check] = {
    "active": boolean,
    "lookup_key": text(200),
    "metadata": metadata,
    "nickname": optional(text()),
    "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
    "expand": list_of(text()),
}
_LIST: dict[str, Check] = {
    **LIST_PARAMS,
    "active": boolean,
    "currency": currency,
    "product": text(),
    "type": choice("one_time", "recurring"),
}


def create_price(call: Call) -> Json:
    """POST /v1/prices."""
    params = check_params(call.params, _CREATE, ("currency", "unit_amount"))
    price = new_price(call, params, active=params.get("active", True))
    emit(call, "price.created", price)
    return price


def new_price(call: Call, params: Json, *, active: bool = True) -> Json:
    """A saved one-time price of an existing product, or of a new one from `product_data`."""
    if "product" in params:
        product = find_product(call, params["product"])
    elif "product_data" in params:
        product = new_product(call, params["product_data"])
    else:
        raise missing("product")
    return call.store.save(
        {
            "id": new_id("price"),
            "object": "price",
            "active": active,
            "billing_scheme": "per_unit",
            "created": call.created,
            "currency": params["currency"],
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": params.get("lookup_key"),
            "metadata": params.get("metadata", {}),
            "nickname": params.get("nickname"),
            "product": product["id"],
            "recurring": None,
            "tax_behavior": params.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": params["unit_amount"],
            "unit_amount_decimal": str(params["unit_amount"]),
        }
    )


def _find_price(call: Call) -> Json:
    price = call.store.find("price", call.path["id"])
    if price is None:
        raise no_such("price", call.path["id"])
    return price


def retrieve_price(call: Call) -> Json:
    """GET /v1/prices/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return _find_price(call)


def update_price(call: Call) -> Json:
    """POST /v1/prices/{id}: the amount of a price cannot change, and a price cannot be deleted."""
    params = check_params(call.params, _UPDATE)
    price = _find_price(call)
    params.pop("expand", None)
    if "metadata" in params:
        params["metadata"] = merge_metadata(price["metadata"], params["metadata"])
    return change(call, price, params, "price.updated")


def list_prices(call: Call) -> Json:
    """GET /v1/prices, by product, `active`, currency and type."""
    params = check_params(call.params, _LIST)
    equal = ("active", "currency", "product", "type")
    return list_page(call.store, "price", params, "/v1/prices", equal=equal)
