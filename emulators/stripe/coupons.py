"""Coupons: a discount by amount or percent, which promotion codes and customers refer to."""

from emulators.stripe.currencies import MAX_AMOUNT, currency
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, choice, decimal, integer, metadata, text

COUPONS = Resource("coupon", "/v1/coupons", "coupon", updates={"name": text(40)})
_CREATE = {
    "amount_off": integer(1, MAX_AMOUNT),
    "currency": currency,
    "duration": choice("forever", "once", "repeating"),
    "duration_in_months": integer(1, 1_200),
    "id": text(200),
    "max_redemptions": integer(1, 2**31),
    "metadata": metadata,
    "name": text(40),
    "percent_off": decimal(0, 100),
    "redeem_by": integer(0, 2**40),
    **EXPAND,
}


def create_coupon(call: Call) -> Json:
    """POST /v1/coupons, with either `percent_off`, or `amount_off` (minor units) and `currency`."""
    params = check_params(call.params, _CREATE)
    if ("percent_off" in params) == ("amount_off" in params):
        raise ApiError("You must pass either `percent_off` or `amount_off`.", param="percent_off")
    if "amount_off" in params and "currency" not in params:
        raise missing("currency")
    coupon_id = params.get("id") or new_id("", 8)[1:]
    if call.store.find("coupon", coupon_id):
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    unset = ("amount_off", "currency", "duration_in_months", "max_redemptions", "name", "percent_off", "redeem_by")
    fields: Json = {
        **dict.fromkeys(unset),
        "duration": "once",
        **params,
        "id": coupon_id,
        "times_redeemed": 0,
        "valid": True,
    }
    fields.pop("expand", None)
    return COUPONS.create(call, fields)
