"""Tax rates."""

from emulators.stripe.emulator import Call
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import boolean, check_params, decimal, metadata, text

_EDITABLE = {
    "active": boolean,
    "country": text(2),
    "description": text(),
    "display_name": text(50),
    "jurisdiction": text(50),
    "state": text(),
    "tax_type": text(),
}
TAX_RATES = Resource(
    "tax_rate",
    "/v1/tax_rates",
    "txr",
    updates=_EDITABLE,
    filters={"active": boolean, "inclusive": boolean},
)
_CREATE = {**_EDITABLE, "inclusive": boolean, "metadata": metadata, "percentage": decimal(0, 100), **EXPAND}


def create_tax_rate(call: Call) -> Json:
    """POST /v1/tax_rates."""
    params = check_params(call.params, _CREATE, ("display_name", "inclusive", "percentage"))
    params.pop("expand", None)
    fields: Json = {
        **dict.fromkeys((*_EDITABLE, "flat_amount", "jurisdiction_level")),
        "active": True,
        "effective_percentage": params["percentage"],
        "rate_type": "percentage",
        **params,
    }
    return TAX_RATES.create(call, fields)
