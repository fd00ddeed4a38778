"""Balance transactions: one for each movement of money, with its fee."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import check_params, list_of, text

# Stripe's price for European cards in Sweden: 1.5 % and a fixed part, here in minor units.
_PERCENT, _FIXED, _DEFAULT_FIXED = 1.5, {"sek": 180, "nok": 200, "dkk": 180, "gbp": 20}, 25
_LIST = {**LIST_PARAMS, "currency": text(3), "source": text(), "type": text()}


def payment_fee(amount: int, currency: str) -> int:
    """The fee of a payment; both amounts in minor units."""
    return round(amount * _PERCENT / 100) + _FIXED.get(currency, _DEFAULT_FIXED)


def new_transaction(
    call: Call, kind: str, source: Json, amount: int, *, fee: int = 0, category: str | None = None
) -> Json:
    """A saved transaction of `amount` (minor units; negative when money leaves) that `source` caused."""
    details: list[Json] = []
    if fee:
        details = [
            {
                "amount": fee,
                "application": None,
                "currency": source["currency"],
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    return call.store.save(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": call.created,
            "balance_type": "payments",
            "created": call.created,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source["id"],
            "status": "available",
            "type": kind,
        }
    )


def retrieve_transaction(call: Call) -> Json:
    """GET /v1/balance_transactions/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    found = call.store.find("balance_transaction", call.path["id"])
    if found is None:
        raise no_such("balance transaction", call.path["id"])
    return found


def list_transactions(call: Call) -> Json:
    """GET /v1/balance_transactions, by `source`, `type` and `currency`."""
    params = check_params(call.params, _LIST)
    equal = ("currency", "source", "type")
    return list_page(call.store, "balance_transaction", params, "/v1/balance_transactions", equal=equal)
