"""The account's balance: the sum of its transactions."""

from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.json_types import Json

_BALANCE = (
    "select json_extract(body, '$.currency') as currency,"
    " sum(json_extract(body, '$.net')) as amount from objects where kind = 'balance_transaction' group by 1 order by 1"
)


def retrieve_balance(call: Call) -> Json:
    """GET /v1/balance: payments and top-ups minus refunds, disputes, fees, payouts and transfers."""
    amounts = [{**row, "source_types": {"card": row["amount"]}} for row in call.store.rows(_BALANCE)]
    return {"object": "balance", "available": amounts, "livemode": False, "pending": []}


def available_amount(call: Call, currency: str) -> int:
    """What can be paid out in that currency, in minor units."""
    amounts = {row["currency"]: row["amount"] for row in call.store.rows(_BALANCE)}
    return amounts.get(currency, 0)


def report_available(call: Call, _charge: Json) -> Json:
    """Emit `balance.available`."""
    return emit(call, "balance.available", retrieve_balance(call))
