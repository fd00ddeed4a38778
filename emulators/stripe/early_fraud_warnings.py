"""Early fraud warnings: the card network reports a payment as fraudulent, before any dispute."""

import json

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import check_params, list_of, text

_KIND = "radar.early_fraud_warning"
_OF_CHARGE = "select body from objects where kind = ? and json_extract(body, '$.charge') = ?"


def open_warning(call: Call, charge: Json) -> Json:
    """Warn about a charge; `actionable` while it is neither refunded nor disputed."""
    warning = call.store.save(
        {
            "id": new_id("issfr"),
            "object": _KIND,
            "actionable": not (charge["refunded"] or charge["disputed"]),
            "charge": charge["id"],
            "created": call.created,
            "fraud_type": "made_with_stolen_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    emit(call, f"{_KIND}.created", warning)
    return warning


def end_warnings(call: Call, charge_id: str) -> None:
    """The charge was refunded or disputed: its warnings are no longer actionable."""
    for row in call.store.rows(_OF_CHARGE, _KIND, charge_id):
        warning = json.loads(row["body"])
        if warning["actionable"]:
            change(call, warning, {"actionable": False}, f"{_KIND}.updated")


def retrieve_warning(call: Call) -> Json:
    """GET /v1/radar/early_fraud_warnings/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    found = call.store.find(_KIND, call.path["id"])
    if found is None:
        raise no_such("early fraud warning", call.path["id"])
    return found


def list_warnings(call: Call) -> Json:
    """GET /v1/radar/early_fraud_warnings, by charge and payment intent."""
    params = check_params(call.params, {**LIST_PARAMS, "charge": text(), "payment_intent": text()})
    url = "/v1/radar/early_fraud_warnings"
    return list_page(call.store, _KIND, params, url, equal=("charge", "payment_intent"))
