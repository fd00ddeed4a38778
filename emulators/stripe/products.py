"""Products: create, retrieve, update, delete, list."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import (
    Check,
    boolean,
    check_params,
    list_of,
    merge_metadata,
    metadata,
    optional,
    text,
    url,
)

PRODUCT_DATA: dict[str, Check] = {
    "name": text(),
    "description": text(40_000),
    "images": list_of(url, 8),
    "metadata": metadata,
    "tax_code": text(),
    "unit_label": text(12),
}
_CREATE: dict[str, Check] = {
    **PRODUCT_DATA,
    "id": text(),
    "active": boolean,
    "shippable": boolean,
    "statement_descriptor": text(22),
    "url": url,
    "expand": list_of(text()),
}
_UPDATE: dict[str, Check] = {
    **{name: check for name, check in _CREATE.items() if name != "id"},
    "description": optional(text(40_000)),
    "images": optional(list_of(url, 8)),
    "unit_label": optional(text(12)),
    "url": optional(url),
    "default_price": text(),
}


def create_product(call: Call) -> Json:
    """POST /v1/products."""
    params = check_params(call.params, _CREATE, ("name",))
    if "id" in params and call.store.find("product", params["id"]):
        raise ApiError(f"Product already exists: {params['id']}.", code="resource_already_exists", param="id")
    product = new_product(call, params)
    emit(call, "product.created", product)
    return product


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


def find_product(call: Call, product_id: str, *, status: int = 400, param: str = "product") -> Json:
    """The product with that id; raises `ApiError`."""
    product = call.store.find("product", product_id)
    if product is None:
        raise no_such("product", product_id, status=status, param=param)
    return product


def retrieve_product(call: Call) -> Json:
    """GET /v1/products/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_product(call, call.path["id"], status=404, param="id")


def update_product(call: Call) -> Json:
    """POST /v1/products/{id}."""
    params = check_params(call.params, _UPDATE)
    product = find_product(call, call.path["id"], status=404, param="id")
    params.pop("expand", None)
    if "metadata" in params:
        params["metadata"] = merge_metadata(product["metadata"], params["metadata"])
    if "default_price" in params and call.store.find("price", params["default_price"]) is None:
        raise no_such("price", params["default_price"], status=400, param="default_price")
    if params.get("images", []) is None:
        params["images"] = []
    return change(call, product, {**params, "updated": call.created}, "product.updated")


def delete_product(call: Call) -> Json:
    """DELETE /v1/products/{id}; a product that has a price can only be made inactive."""
    check_params(call.params, {})
    product = find_product(call, call.path["id"], status=404, param="id")
    if call.store.find_by("price", "product", product["id"]):
        raise ApiError("This product cannot be deleted because it has one or more user-created prices.")
    emit(call, "product.deleted", product)
    call.store.delete(product["id"])
    return {"id": product["id"], "object": "product", "deleted": True}


def list_products(call: Call) -> Json:
    """GET /v1/products, by `active`."""
    params = check_params(call.params, {**LIST_PARAMS, "active": boolean})
    return list_page(call.store, "product", params, "/v1/products", equal=("active",))
