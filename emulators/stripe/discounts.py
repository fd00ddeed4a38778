"""The discount of a customer: API versions before 2025-03-31.basil set it by a coupon."""

from emulators.stripe.coupons import COUPONS
from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.schema import Check, optional, text

_REMOVED_IN = "2025-03-31"


def discount_params(call: Call) -> dict[str, Check]:
    """The parameters for a discount that the request's API version has for customers."""
    return {"coupon": optional(text())} if call.version < _REMOVED_IN else {}


def set_discount(call: Call, customer: Json, coupon_id: str | None) -> None:
    """Give the customer the coupon's discount instead of an earlier one; None takes the discount away."""
    before = call.store.find_by("discount", "customer", customer["id"])
    if coupon_id is None:
        if before:
            call.store.delete(before["id"])
            emit(call, "customer.discount.deleted", before)
        return
    coupon = COUPONS.find(call, coupon_id, status=400, param="coupon")
    discount: Json = {
        **dict.fromkeys(("checkout_session", "customer_account", "end", "invoice", "invoice_item", "promotion_code")),
        **dict.fromkeys(("subscription", "subscription_item")),
        "id": before["id"] if before else new_id("di"),
        "object": "discount",
        "customer": customer["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": call.created,
    }
    previous = {"source": before["source"]} if before else None
    emit(call, f"customer.discount.{'updated' if before else 'created'}", call.store.save(discount), previous)
