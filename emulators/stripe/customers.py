"""Customers."""

from emulators.stripe.discounts import discount_params, set_discount
from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import check_params, email, list_of, merge_metadata, metadata, optional, text

_CREATE = {
    "email": email,
    "name": text(256),
    "phone": text(20),
    "description": text(),
    "metadata": metadata,
    "expand": list_of(text()),
}
_UPDATE = {
    "email": optional(email),
    "name": optional(text(256)),
    "phone": optional(text(20)),
    "description": optional(text()),
    "metadata": metadata,
    "expand": list_of(text()),
}


def create_customer(call: Call) -> Json:
    """POST /v1/customers."""
    params = check_params(call.params, {**_CREATE, **discount_params(call)})
    customer = call.store.save(
        {
            "id": new_id("cus", 14),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": call.created,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": params.get("description"),
            "email": params.get("email"),
            "invoice_prefix": new_id("", 8)[1:].upper(),
            "livemode": False,
            "metadata": params.get("metadata", {}),
            "name": params.get("name"),
            "phone": params.get("phone"),
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
        }
    )
    emit(call, "customer.created", customer)
    if "coupon" in params:
        set_discount(call, customer, params["coupon"])
    return customer


def retrieve_customer(call: Call) -> Json:
    """GET /v1/customers/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    deleted = call.store.find("deleted_customer", f"{call.path['id']}_deleted")
    return deleted["body"] if deleted else find_customer(call, call.path["id"])


def update_customer(call: Call) -> Json:
    """POST /v1/customers/{id}."""
    params = check_params(call.params, {**_UPDATE, **discount_params(call)})
    customer = find_customer(call, call.path["id"])
    params.pop("expand", None)
    if "metadata" in params:
        params["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    if "coupon" in params:
        set_discount(call, customer, params.pop("coupon"))
    return change(call, customer, params, "customer.updated")


def delete_customer(call: Call) -> Json:
    """DELETE /v1/customers/{id}; Stripe still retrieves a deleted customer, with nothing but its id."""
    check_params(call.params, {})
    customer = find_customer(call, call.path["id"])
    emit(call, "customer.deleted", customer)
    body = {"id": customer["id"], "object": "customer", "deleted": True}
    call.store.delete(customer["id"])
    call.store.save({"id": f"{customer['id']}_deleted", "object": "deleted_customer", "body": body})
    return body


def find_customer(call: Call, customer_id: str, *, status: int = 404, param: str = "id") -> Json:
    """A customer by id."""
    found = call.store.find("customer", customer_id)
    if found is None:
        raise no_such("customer", customer_id, status=status, param=param)
    return found


def list_customers(call: Call) -> Json:
    """GET /v1/customers, by email."""
    params = check_params(call.params, {**LIST_PARAMS, "email": email})
    return list_page(call.store, "customer", params, "/v1/customers", equal=("email",))
