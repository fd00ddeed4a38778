"""Money that a customer sent by bank transfer; it is not applied to payments."""

from emulators.stripe.currencies import MAX_AMOUNT, currency
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND
from emulators.stripe.schema import check_params, integer, text

_FUND = {"amount": integer(1, MAX_AMOUNT), "currency": currency, "reference": text(), **EXPAND}


def retrieve_cash_balance(call: Call) -> Json:
    """GET /v1/customers/{id}/cash_balance."""
    check_params(call.params, EXPAND)
    return _balance(call, find_customer(call, call.path["id"])["id"])


def fund(call: Call) -> Json:
    """POST /v1/test_helpers/customers/{id}/fund_cash_balance: a bank transfer arrives; `amount` in minor units."""
    params = check_params(call.params, _FUND, ("amount", "currency"))
    customer = find_customer(call, call.path["id"])
    balance = _balance(call, customer["id"])
    ending = balance["available"].get(params["currency"], 0) + params["amount"]
    available = {**balance["available"], params["currency"]: ending}
    balance = call.store.save({**balance, "id": f"{customer['id']}_cash", "available": available})
    transaction = call.store.save(
        {
            "id": new_id("ccsbtxn"),
            "object": "customer_cash_balance_transaction",
            "created": call.created,
            "currency": params["currency"],
            "customer": customer["id"],
            "ending_balance": ending,
            "funded": {"bank_transfer": {"reference": params.get("reference"), "type": "eu_bank_transfer"}},
            "livemode": False,
            "net_amount": params["amount"],
            "type": "funded",
        }
    )
    emit(call, "customer_cash_balance_transaction.created", transaction)
    emit(call, "cash_balance.funds_available", _without_id(balance))
    return transaction


def _balance(call: Call, customer_id: str) -> Json:
    saved = call.store.find("cash_balance", f"{customer_id}_cash")
    if saved:
        return _without_id(saved)
    settings = {"reconciliation_mode": "automatic", "using_merchant_default": True}
    empty: Json = {"object": "cash_balance", "available": {}, "customer": customer_id, "livemode": False}
    return {**empty, "settings": settings}


def _without_id(balance: Json) -> Json:
    return {name: value for name, value in balance.items() if name != "id"}
