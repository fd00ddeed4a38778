"""The billing portal: configurations and sessions. Its page is not emulated."""

from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import boolean, check_params, fields, metadata, optional, text, url

_PROFILE = fields({"headline": optional(text(60)), "privacy_policy_url": url, "terms_of_service_url": url})
_ENABLED = fields({"enabled": boolean}, ("enabled",))
_FEATURES = ("customer_update", "invoice_history", "payment_method_update", "subscription_cancel")
_EDITABLE = {
    "business_profile": _PROFILE,
    "default_return_url": optional(url),
    "features": fields(dict.fromkeys(_FEATURES, _ENABLED)),
}
CONFIGURATIONS = Resource(
    "billing_portal.configuration",
    "/v1/billing_portal/configurations",
    "bpc",
    updates={**_EDITABLE, "active": boolean},
    filters={"active": boolean},
)
SESSIONS = Resource("billing_portal.session", "/v1/billing_portal/sessions", "bps")


def create_configuration(call: Call) -> Json:
    """POST /v1/billing_portal/configurations."""
    params = check_params(call.params, {**_EDITABLE, "metadata": metadata, **EXPAND}, ("features",))
    params.pop("expand", None)
    defaults: Json = {"active": True, "business_profile": {}, "default_return_url": None, "is_default": False}
    features = {**{name: {"enabled": False} for name in _FEATURES}, **params["features"]}
    return CONFIGURATIONS.create(call, {**defaults, **params, "features": features})


def create_session(call: Call) -> Json:
    """POST /v1/billing_portal/sessions for a customer."""
    known = {"customer": text(), "configuration": text(), "return_url": url, **EXPAND}
    params = check_params(call.params, known, ("customer",))
    find_customer(call, params["customer"], status=400, param="customer")
    if "configuration" in params:
        CONFIGURATIONS.find(call, params["configuration"], status=400, param="configuration")
    session_id = new_id("bps")
    fields_: Json = {
        "id": session_id,
        "configuration": params.get("configuration"),
        "customer": params["customer"],
        "return_url": params.get("return_url"),
        "url": f"{call.emulator.config.public_url}/portal/{session_id}",
    }
    return SESSIONS.create(call, fields_)
