"""Products and prices."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import Check, boolean, check_params, fields, integer, list_of, metadata, text, url

MAX_AMOUNT = 99_999_999
# The usual currencies of a Swedish account; Stripe has 135.
CURRENCIES = ("sek", "eur", "usd", "gbp", "nok", "dkk", "chf", "pln", "czk", "cad", "aud", "nzd", "ron", "jpy")
PRODUCT_DATA: dict[str, Check] = {
    "name": text(),
    "description": text(40_000),
    "images": list_of(url, 8),
    "metadata": metadata,
    "tax_code": text(),
    "unit_label": text(12),
}
_PRODUCT: dict[str, Check] = {
    **PRODUCT_DATA,
    "id": text(),
    "active": boolean,
    "shippable": boolean,
    "statement_descriptor": text(22),
    "url": url,
    "expand": list_of(text()),
}


def currency(value: object, param: str) -> str:
    """A supported ISO 4217 code; Stripe accepts either case and returns lower case."""
    code = text(3)(value, param).lower()
    if code not in CURRENCIES:
        raise ApiError(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
            param=param,
        )
    return code


_PRICE: dict[str, Check] = {
    "currency": currency,
    "unit_amount": integer(0, MAX_AMOUNT),
    "product": text(),
    "product_data": fields(PRODUCT_DATA, ("name",)),
    "active": boolean,
    "nickname": text(),
    "lookup_key": text(200),
    "metadata": metadata,
    "expand": list_of(text()),
}


def create_product(call: Call) -> Json:
    """POST /v1/products."""
    return new_product(call, check_params(call.params, _PRODUCT, ("name",)))


def new_product(call: Call, params: Json) -> Json:
    """A saved product."""
    return call.store.save(
        {
            "id": params.get("id") or new_id("prod", 14),
            "object": "product",
            "active": params.get("active", True),
            "created": call.created,
            "default_price": None,
            "description": params.get("description"),
            "images": params.get("images", []),
            "livemode": False,
            "marketing_features": [],
            "metadata": params.get("metadata", {}),
            "name": params["name"],
            "package_dimensions": None,
            "shippable": params.get("shippable"),
            "statement_descriptor": params.get("statement_descriptor"),
            "tax_code": params.get("tax_code"),
            "type": "service",
            "unit_label": params.get("unit_label"),
            "updated": call.created,
            "url": params.get("url"),
        }
    )


def create_price(call: Call) -> Json:
    """POST /v1/prices, one-time prices."""
    params = check_params(call.params, _PRICE, ("currency", "unit_amount"))
    return new_price(call, params, active=params.get("active", True))


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
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": params["unit_amount"],
            "unit_amount_decimal": str(params["unit_amount"]),
        }
    )


def find_product(call: Call, product_id: str) -> Json:
    """The product with that id; raises `ApiError` 400."""
    product = call.store.find("product", product_id)
    if product is None:
        raise no_such("product", product_id, status=400, param="product")
    return product


def retrieve_product(call: Call) -> Json:
    """GET /v1/products/{id}."""
    return _retrieve(call, "product")


def retrieve_price(call: Call) -> Json:
    """GET /v1/prices/{id}."""
    return _retrieve(call, "price")


def _retrieve(call: Call, kind: str) -> Json:
    check_params(call.params, {"expand": list_of(text())})
    found = call.store.find(kind, call.path["id"])
    if found is None:
        raise no_such(kind, call.path["id"])
    return found


def list_products(call: Call) -> Json:
    """GET /v1/products."""
    return list_page(call.store, "product", check_params(call.params, LIST_PARAMS), "/v1/products")


def list_prices(call: Call) -> Json:
    """GET /v1/prices."""
    return list_page(call.store, "price", check_params(call.params, LIST_PARAMS), "/v1/prices")
