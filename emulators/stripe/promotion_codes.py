"""Promotion codes: what buyers type in for a coupon."""

from emulators.stripe.coupons import COUPONS
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import boolean, check_params, choice, fields, integer, metadata, text

PROMOTION_CODES = Resource(
    "promotion_code",
    "/v1/promotion_codes",
    "promo",
    updates={"active": boolean},
    filters={"active": boolean, "code": text(500), "customer": text()},
)
_CREATE = {
    "active": boolean,
    "code": text(500),
    "customer": text(),
    "expires_at": integer(0, 2**40),
    "max_redemptions": integer(1, 2**31),
    "metadata": metadata,
    "promotion": fields({"type": choice("coupon"), "coupon": text()}, ("type",)),
    **EXPAND,
}


def create_promotion_code(call: Call) -> Json:
    """POST /v1/promotion_codes; without `code` one is made."""
    params = check_params(call.params, _CREATE, ("promotion",))
    if "coupon" not in params["promotion"]:
        raise missing("promotion[coupon]")
    COUPONS.find(call, params["promotion"]["coupon"], status=400, param="promotion[coupon]")
    if "customer" in params:
        find_customer(call, params["customer"], status=400, param="customer")
    code = params.get("code") or new_id("", 8)[1:].upper()
    taken = call.store.find_by("promotion_code", "code", code)
    if taken and taken["active"]:
        raise ApiError(f"An active promotion code with `code: {code}` already exists.", param="code")
    params.pop("expand", None)
    return PROMOTION_CODES.create(
        call,
        {
            **dict.fromkeys(("customer", "customer_account", "expires_at", "max_redemptions")),
            "active": True,
            **params,
            "code": code,
            "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
            "times_redeemed": 0,
        },
    )
