"""Connected accounts, as far as the events of Stripe Connect need them; no payment is made for them."""

from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, choice, email, metadata, text

ACCOUNTS = Resource("account", "/v1/accounts", "acct", updates={"email": email})
_CREATE = {
    "country": text(2),
    "email": email,
    "metadata": metadata,
    "type": choice("custom", "express", "standard"),
    **EXPAND,
}


def create_account(call: Call) -> Json:
    """POST /v1/accounts; Stripe sends no event."""
    params = check_params(call.params, _CREATE)
    params.pop("expand", None)
    fields: Json = {"charges_enabled": False, "country": "SE", "email": None, "payouts_enabled": False, **params}
    return ACCOUNTS.new(call, {"type": "standard", **fields})


def delete_account(call: Call) -> Json:
    """DELETE /v1/accounts/{id}: the account leaves the platform."""
    check_params(call.params, {})
    account = ACCOUNTS.find(call, call.path["id"])
    application: Json = {"id": new_id("ca"), "object": "application", "name": "Aula (emulated)"}
    emit(call, "account.application.deauthorized", application)
    return ACCOUNTS.remove(call, account)
