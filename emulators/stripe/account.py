"""The account, its balance and its one webhook endpoint."""

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import single_page

_BALANCE = (
    "select json_extract(body, '$.currency') as currency,"
    " sum(json_extract(body, '$.net')) as amount from objects where kind = 'balance_transaction' group by 1 order by 1"
)


def retrieve_account(call: Call) -> Json:
    """GET /v1/account."""
    return {
        "id": "acct_emulated",
        "object": "account",
        "business_profile": {"name": "Aula (emulated)", "url": None},
        "charges_enabled": True,
        "country": "SE",
        "created": call.created,
        "default_currency": "sek",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Aula (emulated)", "timezone": "Europe/Stockholm"}},
        "type": "standard",
    }


def retrieve_balance(call: Call) -> Json:
    """GET /v1/balance: payments minus refunds, disputes and fees; nothing is paid out."""
    amounts = [{**row, "source_types": {"card": row["amount"]}} for row in call.store.rows(_BALANCE)]
    return {"object": "balance", "available": amounts, "livemode": False, "pending": []}


def list_webhook_endpoints(call: Call) -> Json:
    """GET /v1/webhook_endpoints: the one given on the command line."""
    endpoint: Json = {
        "id": "we_emulated",
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": call.created,
        "description": "Given to the emulator on its command line",
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": call.emulator.config.webhook_url,
    }
    return single_page([endpoint], "/v1/webhook_endpoints")
